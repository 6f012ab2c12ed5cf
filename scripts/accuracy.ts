import { writeFileSync } from 'node:fs';
import { measure } from '../test/accuracy/figures.ts';
import { reportOf } from '../test/accuracy/report.ts';

// Measures how often the diagnosis is right, prints it, and writes docs/accuracy.md.

const { accuracy, judged } = measure();
const report = reportOf(accuracy);
writeFileSync(new URL('../docs/accuracy.md', import.meta.url), report);
console.log(report.slice(report.indexOf('## ')));

const wrong = [...judged.values()].flat().filter(({ figures }) => figures.wrong_and_certain > 0);
for (const { id, truth, said } of wrong)
  console.error(`${id}: ${said}; right is ${truth.blocking.join('+') || 'connected'}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
