/** Shorter secrets would be half told by their first characters. */
const SHORTEST_WITH_START = 16;
const START = 4;

/** How a secret is shown: enough to compare it with what a portal shows, never the whole. */
export function maskSecret(secret: string): string {
  const start = secret.length >= SHORTEST_WITH_START ? secret.slice(0, START) : '';
  return `${start}… (${secret.length} characters)`;
}

/** A URL without its credentials, and without the values of its query, which may be a token. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return maskSecret(text);
  const url = new URL(text);
  const credentials = url.username === '' && url.password === '' ? '' : '…@';
  return `${url.protocol}//${credentials}${url.host}${url.pathname}${url.search === '' ? '' : '?…'}${url.hash}`;
}

/** Text of a peer, with the given secrets replaced, on one short line. */
export function quote(text: string, secrets: readonly string[]): string {
  let line = text.replace(/\p{C}+/gu, ' ');
  for (const secret of secrets) if (secret !== '') line = line.replaceAll(secret, '…');
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}

const LONGEST_QUOTE = 200;
