import type { AuditJson } from '../../src/audit/json.ts';
import type { Checked } from '../../src/check/check.ts';
import type { Party } from '../../src/diagnose/cause.ts';
import type { Effects } from '../../src/diagnose/effects.ts';
import type { describeCall } from '../../src/explain/call.ts';
import type { DescribedDifference, DescribedVersion } from '../../src/explain/history.ts';
import type { MatchTrace } from '../../src/explain/trace.ts';

// Types only: nothing of the server becomes part of the page.
export type { AuditJson, Checked, DescribedDifference, DescribedVersion, Effects, MatchTrace, Party };

type Described = ReturnType<typeof describeCall>;
type DescribedAttempt = Described['attempts'][number];

export type Fix = DescribedAttempt['fixes'][number] & { readonly effects?: Effects };
export type Evidence = DescribedAttempt['evidence'][number];
export type Paste = Fix['pastes'][number];
export type TimelineEntry = Described['timeline'][number];

export interface Attempt extends Omit<DescribedAttempt, 'fixes'> {
  readonly fixes: readonly Fix[];
  readonly match?: MatchTrace | null;
}

export interface Call extends Omit<Described, 'attempts'> {
  readonly attempts: readonly Attempt[];
  readonly ladder?: Ladder | null;
}

/** An attempt as it is listed. */
export interface ListedCall extends DescribedAttempt {
  readonly started_at: string;
}

export interface CallsPage {
  readonly calls: readonly ListedCall[];
  readonly next_cursor?: string | null;
}

export interface LadderMessage {
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly kind: 'request' | 'provisional' | 'success' | 'failure' | 'event';
  readonly detail: string | null;
  readonly leg: string | null;
}

export interface Ladder {
  readonly participants: readonly string[];
  readonly messages: readonly LadderMessage[];
  readonly stopped: {
    readonly at_participant: string;
    readonly after_message: number | null;
    readonly text: string;
  } | null;
}

export interface Incident {
  readonly id: string;
  readonly cause: string;
  readonly title: string;
  readonly party: Party;
  readonly trunk: string;
  readonly trunk_name: string | null;
  readonly state: 'open' | 'closed';
  readonly opened_at: string;
  readonly closed_at: string | null;
  readonly closed_because: string | null;
  readonly first_call: CallAt | null;
  readonly last_call: CallAt | null;
  readonly calls: number;
  readonly callers: number | null;
  readonly worsened_at: string | null;
  readonly examples: readonly string[];
  readonly change: ListedCall['change'] | null;
  readonly fix: Pick<Fix, 'action' | 'pastes' | 'proof'> | null;
  readonly after_fix: { readonly state: string; readonly text: string; readonly at: string | null } | null;
  readonly summary: string;
}

interface CallAt {
  readonly call_sid: string;
  readonly at: string;
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
