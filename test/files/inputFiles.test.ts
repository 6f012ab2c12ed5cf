import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inputBytes } from '../../src/files/inputBytes.ts';
import { readJsonFile } from '../../src/files/jsonFile.ts';
import { readJson } from '../../src/files/jsonText.ts';
import { textLines } from '../../src/files/textLines.ts';

const directory = mkdtempSync(join(tmpdir(), 'sipwhy-files-'));
after(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'input');

const LIMITS = { totalBytes: 1_000, expansion: 10, freeBytes: 500, lineBytes: 100 };

function given(content: string | Buffer): string {
  writeFileSync(path, content);
  return path;
}

async function linesIn(content: string | Buffer): Promise<string[]> {
  const lines: string[] = [];
  for await (const { number, text } of textLines(given(content), LIMITS)) lines.push(`${number} ${text}`);
  return lines;
}

async function sizeOf(content: string | Buffer): Promise<number> {
  let size = 0;
  for await (const chunk of inputBytes(given(content), LIMITS)) size += chunk.length;
  return size;
}

const fault = (text: string) => ({ message: `${path}${text}` });

describe('a file', () => {
  it('may be as large as the limit', async () => {
    assert.equal(await sizeOf('a'.repeat(1_000)), 1_000);
    await assert.rejects(sizeOf('a'.repeat(1_001)), fault(': is larger than 0 MiB'));
  });

  it('that is gzipped may unpack to so many times its size, and beyond up to a small size', async () => {
    const small = gzipSync('a'.repeat(500));
    assert.ok(small.length < 50);
    assert.equal(await sizeOf(small), 500);
    await assert.rejects(sizeOf(gzipSync('a'.repeat(501))), fault(': unpacks to more than 10 times its size'));
    // Stored without compression.
    assert.equal(await sizeOf(gzipSync('a'.repeat(900), { level: 0 })), 900);
  });

  it('that is gzipped is limited by what it unpacks to', async () => {
    await assert.rejects(sizeOf(gzipSync('a'.repeat(1_001), { level: 0 })), fault(': is larger than 0 MiB'));
  });
});

describe('a line', () => {
  it('may be as long as the limit', async () => {
    assert.deepEqual(await linesIn(`${'a'.repeat(100)}\nb`), [`1 ${'a'.repeat(100)}`, '2 b']);
    await assert.rejects(linesIn(`b\n${'a'.repeat(101)}\n`), fault(':2: the line is longer than 0 MiB'));
    await assert.rejects(linesIn('a'.repeat(101)), fault(':1: the line is longer than 0 MiB'));
  });

  it('is counted also where it is blank, and not returned', async () => {
    assert.deepEqual(await linesIn('\n\na\n \n\nb\n\n'), ['3 a', '6 b']);
    assert.deepEqual(await linesIn(''), []);
    assert.deepEqual(await linesIn('\n\n'), []);
  });

  it('ends at a line feed alone, and is UTF-8 with or without a mark', async () => {
    assert.deepEqual(await linesIn('\ufeffä\u2028b\r\nc'), ['1 ä\u2028b\r', '2 c']);
  });
});

describe('JSON', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  it('may be nested 64 deep', () => {
    assert.equal(readJson(nested(64)).ok, true);
    assert.deepEqual(readJson(nested(65)), { ok: false, line: 1, fault: 'nested deeper than 64 levels' });
    assert.equal(readJson(`{"a":"${'['.repeat(99)}\\"${'{'.repeat(99)}","b":"\\\\"}`).ok, true);
  });

  it('may have two million values', () => {
    assert.equal(readJson(`[${'0,'.repeat(1_999_999)}0]`).ok, true);
    assert.deepEqual(readJson(`[\n${'0,'.repeat(2_000_000)}0]`), {
      ok: false,
      line: 2,
      fault: 'larger than 2000000 values',
    });
  });

  for (const [text, line, says] of [
    ['', 1, 'Unexpected end of JSON input'],
    ['{\n"a": 1,\n"b": secret\n}', 3, "Unexpected token 's'"],
    ['{\n"a": 1,\n\n}', 4, 'Expected double-quoted property name'],
    ['{\n"a": "b\n"}', 2, 'Bad control character in string literal'],
    ['[1,\n2\n3]', 3, "Expected ',' or ']' after array element"],
    ['[1]\n\n]', 3, 'Unexpected non-whitespace character after JSON'],
    ['[1,\n2', 2, "Expected ',' or ']' after array element"],
    ['{\n"a":\n', 2, 'Unexpected end of JSON input'],
  ] as const) {
    it(`that is broken in line ${line} names it, and quotes nothing: ${JSON.stringify(text)}`, () => {
      assert.deepEqual(readJson(text), { ok: false, line, fault: `not JSON: ${says}` });
    });
  }

  it('in a file must be UTF-8, and may have a mark', async () => {
    assert.deepEqual(await readJsonFile(given('\ufeff{"a":"ä"}')), { a: 'ä' });
    await assert.rejects(readJsonFile(given(Buffer.from('"\xe4"', 'latin1'))), fault(': is not text in UTF-8'));
    await assert.rejects(readJsonFile(given('{\n"a"\n}')), fault(":3: not JSON: Expected ':' after property name"));
  });
});
