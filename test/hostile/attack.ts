import type { Target } from './attackedService.ts';

/** One thing that an attacker, a broken peer or a bad day does, and what must hold afterwards. */
export interface Attack {
  /** What is tried; unique in the whole suite. */
  readonly what: string;
  /** The rows of the table of known faults that this attack holds mended, if any. */
  readonly faults?: readonly number[];
  /** Rejects where the service did not do what is right. That it still answers is checked for every attack. */
  run(ground: Ground): Promise<void>;
}

/** What an attack may use. */
export interface Ground {
  /** A running service with these settings, shared by all attacks of the area that ask for the same ones. */
  service(env?: Readonly<Record<string, string>>): Promise<Target>;
  /** A service for this attack alone, in a directory of its own. It may end, by the attack or on purpose. */
  ownService(env?: Readonly<Record<string, string>>): Promise<Target>;
  /** An empty directory, removed after the attack. */
  directory(): string;
}
