import { type ExpectedCall, readExpected } from '../core/expected/expectedFile.ts';
import { InputFault } from './inputFault.ts';
import { readJsonOrYamlFile } from './jsonFile.ts';

/** Reads a file of expected calls, or standard input for `-`. Throws `InputFault` with every fault. */
export async function readExpectedCalls(file: string): Promise<readonly ExpectedCall[]> {
  const reading = readExpected(await readJsonOrYamlFile(file));
  if (!reading.ok) throw new InputFault(file, undefined, reading.faults.join('\n  '));
  return reading.calls;
}
