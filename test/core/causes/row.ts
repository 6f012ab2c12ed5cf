import type { Dial, Setting, Webhook } from '../scenario.ts';

/** One call, and what is to be said of it. */
export interface Row {
  /** The behaviour, as in "a 503 with two matching trunks is a trunk conflict". */
  readonly name: string;
  readonly call: Dial | readonly Webhook[];
  readonly setting?: Setting;
  readonly want: Wanted;
}

/** Everything is compared exactly; what is left out is expected to be empty. */
export interface Wanted {
  readonly outcome?: 'failed' | 'not_counted' | 'connected';
  readonly blocking: readonly string[];
  readonly confidence: 'certain' | 'likely' | 'possible' | null;
  readonly latent?: readonly string[];
  readonly alternatives?: readonly string[];
  readonly findings?: readonly string[];
  /** The id of the trunk that the attempt is counted under. */
  readonly trunk?: string;
}

export function certain(...blocking: string[]): Wanted {
  return { blocking, confidence: 'certain' };
}

export function likely(...blocking: string[]): Wanted {
  return { blocking, confidence: 'likely' };
}

export function possible(...blocking: string[]): Wanted {
  return { blocking, confidence: 'possible' };
}

/** The honest answer where no rule accounts for what was seen. */
export const UNCLASSIFIED: Wanted = possible('unclassified');

/** Failed by nobody's fault. */
export function notCounted(cause: string): Wanted {
  return { outcome: 'not_counted', blocking: [cause], confidence: 'likely' };
}
