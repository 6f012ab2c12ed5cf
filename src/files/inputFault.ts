/** An input file that cannot be used. The message begins with the file's name, and the line if one is at fault. */
export class InputFault extends Error {
  constructor(file: string, line: number | undefined, what: string) {
    super(`${nameOf(file)}${line === undefined ? '' : `:${line}`}: ${what}`);
  }
}

function nameOf(file: string): string {
  return file === '-' ? '<stdin>' : file;
}
