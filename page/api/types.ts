import type { AuditJson } from '../../src/audit/json.ts';
import type { Checked } from '../../src/check/check.ts';
import type { Party } from '../../src/diagnose/cause.ts';
import type { Effects } from '../../src/diagnose/effects.ts';
import type { DescribedDifference, DescribedVersion } from '../../src/explain/history.ts';
import type { IncidentJson as Incident } from '../../src/explain/incident.ts';
import type { Ladder } from '../../src/explain/ladder/ladder.ts';
import type { MatchTrace } from '../../src/explain/trace.ts';
import type { CallWithEffects } from '../../src/explain/withEffects.ts';

// Types only: nothing of the server becomes part of the page.
export type { AuditJson, Checked, DescribedDifference, DescribedVersion, Effects, Incident, Ladder, MatchTrace, Party };

export type Call = CallWithEffects;
export type Attempt = Call['attempts'][number];
export type Pending = Call['pending'][number];
export type TimelineEntry = Call['timeline'][number];
export type LadderMessage = Ladder['messages'][number];
export type Fix = Attempt['fixes'][number];
export type Evidence = Attempt['evidence'][number];
export type Paste = Fix['pastes'][number];

/** An attempt as it is listed. */
export type ListedCall = Omit<Attempt, 'match'>;

export interface CallsPage {
  readonly calls: readonly ListedCall[];
  readonly next_cursor?: string | null;
}

export interface IncidentsPage {
  readonly incidents: readonly Incident[];
  readonly next_cursor?: string | null;
}

export interface SetupStep {
  readonly id: string;
  readonly title: string;
  readonly done: boolean | null;
  readonly detail: string | null;
  readonly how: string | null;
}

export interface Cause {
  readonly id: string;
  readonly title: string;
  readonly party: Party;
  readonly meaning: string;
  readonly fix: string;
}
