import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseCase, type RecordedCase } from '../../src/core/replay/replay.ts';

/** What was really wrong with a recorded call, as its maker set it up. */
export interface Expected {
  readonly blocking: readonly string[];
  readonly also: readonly (readonly string[])[];
  readonly latent: readonly string[];
  readonly admitted_without_trunk: boolean;
  readonly outcome: string;
}

export interface Recorded {
  readonly id: string;
  readonly call: RecordedCase;
  readonly expected: Expected;
}

/** The lines of a recorded file, parsed. */
export function recordedLines(file: string): unknown[] {
  const bytes = readFileSync(new URL(`../recorded/${file}`, import.meta.url));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** All recorded calls, with what is expected of each. */
export function recordedCases(): Recorded[] {
  return recordedLines('livekit-sip-cases.jsonl.gz').map((line) => {
    // The cast is the recording's documented form; `parseCase` checks the rest.
    const { id, expected } = line as { id: string; expected: Expected };
    return { id, call: parseCase(line), expected };
  });
}

/** Whether a cause is a right headline for the call. */
export function isRightHeadline({ blocking, also }: Expected, cause: string | null): boolean {
  return [blocking, ...also].some(([first]) => first === cause);
}

/** Whether this is a right set of blocking causes, the headline first. */
export function isRightSet({ blocking, also }: Expected, causes: readonly string[]): boolean {
  return [blocking, ...also].some((set) => JSON.stringify(set) === JSON.stringify(causes));
}
