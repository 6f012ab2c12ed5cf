import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { answer, parseQuestion } from '../../src/core/trunks/match/answer.ts';
import { askOracle, buildOracle } from './oracle.ts';
import { randomQuestion } from './questions.ts';
import { Random } from './random.ts';

const CASES = Number(process.env.SIPWHY_ORACLE_CASES ?? 100_000);
const SEED = Number(process.env.SIPWHY_SEED ?? Math.floor(Math.random() * 2 ** 32));
/** Questions to a write. */
const BATCH = 200;

const folder = mkdtempSync(join(tmpdir(), 'sipwhy-oracle-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test(`answers ${CASES} random questions as LiveKit's own code does`, async (t) => {
  const built = buildOracle(folder);
  if (!built.ok) {
    // Where the work is judged, the comparison must not fall away unseen.
    assert.notEqual(process.env.CI, 'true', `the oracle is needed in CI, but ${built.why}`);
    t.skip(`not compared with LiveKit's own code: ${built.why}`);
    return;
  }

  const asked: string[] = [];
  let compared = 0;
  for await (const line of askOracle(built.binary, questions(asked))) {
    const question = asked[compared];
    assert(question !== undefined, 'the oracle answered more than it was asked');
    asked[compared] = ''; // What is compared need not be kept.
    compare(question, JSON.parse(line), compared);
    compared++;
  }
  assert.equal(compared, CASES, `the oracle stopped early (SIPWHY_SEED=${SEED})`);
});

/** All questions, some hundred lines at a time, each also entered into `asked`. */
function* questions(asked: string[]): Generator<string> {
  const random = new Random(SEED);
  while (asked.length < CASES) {
    const some = Array.from({ length: Math.min(BATCH, CASES - asked.length) }, () =>
      JSON.stringify(randomQuestion(random)),
    );
    asked.push(...some);
    yield `${some.join('\n')}\n`;
  }
}

function compare(question: string, wanted: unknown, index: number): void {
  const given = answer(parseQuestion(JSON.parse(question)));
  if (isDeepStrictEqual(given, wanted)) return;
  assert.fail(
    [
      `question ${index} of SIPWHY_SEED=${SEED}: ${question}`,
      `LiveKit: ${JSON.stringify(wanted)}`,
      `sipwhy:  ${JSON.stringify(given)}`,
    ].join('\n'),
  );
}
