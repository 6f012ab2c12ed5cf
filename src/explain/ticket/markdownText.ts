// What comes from a webhook or from LiveKit is anybody's text: it must neither format the ticket nor link anywhere.

/** Text that stays text. */
export function prose(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_[\]<>|~&#!]/g, (char) => (char === '&' ? '&amp;' : `\\${char}`));
}

/** Text as code on one line. */
export function code(text: string): string {
  const inner = oneLine(text).replaceAll('|', '\\|');
  const ticks = '`'.repeat(longestTicks(inner) + 1);
  const pad = inner.startsWith('`') || inner.endsWith('`') || inner === '' ? ' ' : '';
  return `${ticks}${pad}${inner}${pad}${ticks}`;
}

/** Text as a block of code. */
export function fence(language: string, text: string): string[] {
  const ticks = '`'.repeat(Math.max(3, longestTicks(text) + 1));
  return [`${ticks}${language}`, text, ticks];
}

/** A table; its cells are text. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(prose).join(' | ')} |`;
  return [line(heading), `| ${heading.map(() => '---').join(' | ')} |`, ...rows.map(line)];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
