/** Telephone numbers and IPv4 addresses in a value that are not reserved for examples and might be somebody's. */
export function unreservedIn(value: unknown): string[] {
  // Plain numbers are times and statuses.
  const text = JSON.stringify(value, (_, part) => (typeof part === 'number' ? 0 : part));
  const numbers = (text.match(/\d{6,}/g) ?? []).filter((digits) => !/^(00)?1?5550\d{3}$/.test(digits));
  // Half of all addresses, or all, are nobody's.
  const addresses = (text.match(/\d+\.\d+\.\d+\.\d+(?!\/[01]\b)\b/g) ?? []).filter(
    (ip) => !/^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(ip),
  );
  return [...numbers, ...addresses];
}
