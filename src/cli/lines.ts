/** Line after line of UTF-8. Only a line feed ends one: `readline` would also break JSON at the U+2028 in its strings. */
export async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = '';
  for await (const chunk of chunks) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
  const last = begun + decoder.decode();
  if (last !== '') yield last;
}
