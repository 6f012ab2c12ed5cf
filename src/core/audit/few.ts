import type { DispatchRule } from '../trunks/snapshot.ts';

/** Where a rule puts a call, in words. */
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

/** Longer lists are cut in sentences; the listing shows them in full. */
const SHOWN = 5;

/** The first few of a list, and how many more there are. */
export function few(values: readonly string[]): string {
  return fewOf(values, (value) => value);
}

/** The same of a list that has yet to be put into words. */
export function fewOf<Value>(values: readonly Value[], tell: (value: Value) => string): string {
  const shown = values.slice(0, SHOWN).map(tell).join(', ');
  return values.length <= SHOWN ? shown : `${shown} and ${values.length - SHOWN} more`;
}

/** An entry of a list as it is; quoted where a blank or a comma in it would look like the end of it. */
export function written(entry: string): string {
  return /[\s,]/.test(entry) || entry === '' ? JSON.stringify(entry) : entry;
}
