/** A number with its plus, written in groups or not; or a plain run of digits as long as a number. */
const NUMBER = /\+\d[\d\-() ]{4,}\d|(?<![\w.:-])\d{7,15}(?![\w-])/g;

/**
 * Text with all but the first digits and the last two of each phone number in it hidden: enough to tell two numbers
 * apart, not enough to call one. Identifiers, addresses and times stay.
 */
export function maskNumbers(text: string): string {
  return text.replace(NUMBER, (number) => {
    const digits = number.replace(/\D/g, '');
    const shown = Math.max(0, Math.min(4, digits.length - 6));
    return `${number.startsWith('+') ? '+' : ''}${digits.slice(0, shown)}${'•'.repeat(digits.length - shown - 2)}${digits.slice(-2)}`;
  });
}
