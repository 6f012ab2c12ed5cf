import type { Site } from '../core/diagnose/facts/site.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';

/**
 * Prints text for a person. Text from webhooks may contain control characters that command a terminal or change the
 * text direction. They are replaced, except line breaks and tabs.
 */
export function printText(text: string): void {
  process.stdout.write(plainText(text));
}

/** Text for a person without characters that command a terminal. */
export function plainText(text: string): string {
  return text.replace(CONTROL, '\ufffd');
}

const CONTROL = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** What was asked for is not there. The exit status is 1. */
export class NotThere extends Error {}

/** LiveKit's configuration and the operator's settings about the site. */
export interface Configuration {
  readonly snapshot: Snapshot;
  readonly site: Site;
}

/** Reads LiveKit's configuration, from `file` if given. Rejects with WrongUse if it can't be read. */
export type ReadConfiguration = (file: string | undefined) => Promise<Configuration>;
