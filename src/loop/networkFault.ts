/** Longer texts come from the peer. */
const LONGEST = 200;
const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Why a request failed, in one short line. A certificate's names and such are the peer's own words. */
export function networkFault(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { code, message }: NodeJS.ErrnoException = error;
  // Node tries all addresses of a host, and its error for all of them has only a code.
  const line = (message || code || error.name).replace(/\p{C}+/gu, ' ');
  const short = line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
  return UNTRUSTED.has(code ?? '') ? `${short}; set TLS_CA_FILE if your own authority signed the certificate` : short;
}
