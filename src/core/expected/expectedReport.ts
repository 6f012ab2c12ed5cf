import type { ExpectedResult } from './judgeExpected.ts';

const INDENT = ' '.repeat(6);

/** The results for a terminal: those that fail, with `verbose` all, and a summary. */
export function expectedToText(results: readonly ExpectedResult[], verbose: boolean): string {
  const shown = verbose ? results : results.filter(({ ok }) => !ok);
  return [...shown.flatMap(linesOf), summaryOf(results), ''].join('\n');
}

function linesOf(result: ExpectedResult): string[] {
  const { name, ok } = result;
  if (ok) return [`ok    ${name}: ${wayOf(result)}`];
  return [`FAIL  ${name}: ${wayOf(result)}`, ...differenceOf(result).map((line) => `${INDENT}${line}`)];
}

/** Who calls whom, with the numbers as in the file. */
function wayOf({ from, to }: ExpectedResult): string {
  return `${from ?? 'any caller'} → ${to}`;
}

function differenceOf({ expected, got, why }: ExpectedResult): string[] {
  return [
    `expected  ${expected.join(', ')}`,
    `got       ${got.join(', ')}`,
    ...(why === null ? [] : [`why       ${why}`]),
  ];
}

function summaryOf(results: readonly ExpectedResult[]): string {
  const passing = results.filter(({ ok }) => ok).length;
  const calls = results.length === 1 ? 'expected call' : 'expected calls';
  return `${passing} of ${results.length} ${calls} pass.`;
}

/** The results as JUnit XML, in the form that GitHub, GitLab and Jenkins read. */
export function expectedToJunit(results: readonly ExpectedResult[], suite: string): string {
  const failures = results.filter(({ ok }) => !ok).length;
  const counts = `tests="${results.length}" failures="${failures}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeXml(suite)}" ${counts}>`,
    ...results.flatMap(testCaseOf),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCaseOf(result: ExpectedResult): string[] {
  const opening = `    <testcase classname="sipwhy" name="${escapeXml(`${result.name}: ${wayOf(result)}`)}"`;
  if (result.ok) return [`${opening}/>`];
  const message = `expected ${result.expected.join(', ')}, got ${result.got.join(', ')}`;
  return [
    `${opening}>`,
    `      <failure message="${escapeXml(message)}">${differenceOf(result).map(escapeXml).join('\n')}</failure>`,
    '    </testcase>',
  ];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no place for most control characters, escaped or not, and none for half of a surrogate pair. */
function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/[^\P{Cc}\t\n\r\u007f-\u009f]|[\ufffe\uffff]/gu, '\ufffd')
      .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
      // A reader of XML makes a bare line break in an attribute a space.
      .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
