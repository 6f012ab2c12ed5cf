const END_OF_HEADERS = '\r\n\r\n';
const CONTENT_LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*$/im;

/**
 * Cuts the first message off a stream (RFC 3261, section 18.3), one character a byte; `undefined` while it is not
 * complete. Empty lines before it are keep-alives. What is in the message is left to the parser.
 */
export function takeMessage(received: string): { readonly text: string; readonly rest: string } | undefined {
  const stream = received.replace(/^(?:\r\n)+/, '');
  const headersEnd = stream.indexOf(END_OF_HEADERS);
  if (headersEnd === -1) return undefined;
  const bodyStart = headersEnd + END_OF_HEADERS.length;
  const length = Number(CONTENT_LENGTH.exec(stream.slice(0, headersEnd))?.[1] ?? 0);
  if (stream.length < bodyStart + length) return undefined;
  return { text: stream.slice(0, bodyStart + length), rest: stream.slice(bodyStart + length) };
}
