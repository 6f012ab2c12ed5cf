/**
 * Prints text for a person. What came in a webhook or an answer may hold characters that command a terminal or turn the
 * direction of what is shown: they are replaced, line breaks and tabs excepted.
 */
export function printText(text: string): void {
  process.stdout.write(text.replace(COMMANDING, '\ufffd'));
}

const COMMANDING = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;
