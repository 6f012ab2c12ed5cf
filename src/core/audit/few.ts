import type { DispatchRule } from '../trunks/snapshot.ts';

/** The room into which a rule puts a call, in words. */
export function roomName(rule: DispatchRule): string {
  switch (rule.kind) {
    case 'direct':
      return `the room "${rule.room}"`;
    case 'individual':
      return rule.room === '' ? 'a room of its own' : `a room of its own, "${rule.room}_…"`;
    case 'callee':
      return rule.room === '' ? 'the room named after the called number' : `a room "${rule.room}_<called number>"`;
    case undefined:
      return 'a room';
  }
}

/** Sentences cut longer lists; the listing shows them in full. */
const SHOWN = 5;

/** The first few of a list, and how many more there are. */
export function few(values: readonly string[]): string {
  return fewOf(values, (value) => value);
}

/** The same for values that are not text yet. */
export function fewOf<Value>(values: readonly Value[], describe: (value: Value) => string): string {
  const shown = values.slice(0, SHOWN).map(describe).join(', ');
  return values.length <= SHOWN ? shown : `${shown} and ${values.length - SHOWN} more`;
}

/** An entry of a list; in quotes where a blank or a comma in it would look like its end. */
export function written(entry: string): string {
  return /[\s,]/.test(entry) || entry === '' ? JSON.stringify(entry) : entry;
}
