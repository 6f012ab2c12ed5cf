import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measure, total } from '../test/accuracy/figures.ts';
import { judgeKind, KIND_NAMES } from '../test/accuracy/kinds/kinds.ts';
import type { Judged } from '../test/accuracy/measureAccuracy.ts';
import { reportOf } from '../test/accuracy/report.ts';

// Measures how often the diagnosis is right, prints it, and writes docs/accuracy.md. With --seed, only the calls by kind are
// made anew and measured, --calls of each kind, and nothing is written.

const { values } = parseArgs({ options: { seed: { type: 'string' }, calls: { type: 'string', default: '1000' } } });
const all = values.seed === undefined ? measured() : anew(wholeNumber('--seed', values.seed));
const wrong = all.filter(({ figures }) => figures.wrong_and_certain > 0);
for (const one of wrong) console.error(described(one));
process.exitCode = wrong.length === 0 ? 0 : 1;

function measured(): readonly Judged[] {
  const { accuracy, judged } = measure();
  const report = reportOf(accuracy);
  writeFileSync(new URL('../docs/accuracy.md', import.meta.url), report);
  console.log(report.slice(report.indexOf('## ')));
  return [...judged.values()].flat();
}

function anew(seed: number): readonly Judged[] {
  const calls = wholeNumber('--calls', values.calls);
  return KIND_NAMES.flatMap((kind) => {
    const judged = judgeKind(kind, calls, seed);
    const { cases, exact_set, wrong_and_certain } = total(judged);
    console.log(`${kind}: ${exact_set} of ${cases} right, ${wrong_and_certain} wrong and certain`);
    for (const one of judged.filter(({ figures }) => figures.exact_set === 0)) console.log(`  ${described(one)}`);
    return judged;
  });
}

function described({ id, truth, said }: Judged): string {
  return `${id}: ${said}; right is ${truth.blocking.join('+') || 'connected'}`;
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} must be a whole number, got ${JSON.stringify(text)}`);
  return Number(text);
}
