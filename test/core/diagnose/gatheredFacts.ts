import assert from 'node:assert/strict';
import { type Facts, gatherFacts } from '../../../src/core/diagnose/facts/facts.ts';
import { type Site, siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS } from '../running.ts';
import { type Dial, SBC, type Setting, webhooksOf } from '../scenario.ts';
import { attemptOf } from './attemptOf.ts';

interface Known {
  readonly livekit?: Setting['livekit'];
  readonly isStale?: boolean;
  readonly settings?: Partial<Parameters<typeof siteFrom>[0]>;
}

/** The facts of a dial that settled a minute after it began. */
export function factsOf(dial: Dial, { livekit, isStale = false, settings }: Known = {}): Facts {
  const site: Site = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [SBC], ...settings });
  const settled = { attempt: attemptOf(webhooksOf(dial)), settledAt: EPOCH_MS + 60_000 };
  if (!livekit) return gatherFacts(site, settled, undefined);
  const reading = readSnapshot(livekit);
  assert.ok(reading.ok);
  return gatherFacts(site, settled, { snapshot: reading.snapshot, ageSeconds: 5, isStale });
}
