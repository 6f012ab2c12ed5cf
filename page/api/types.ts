import type { Static } from 'typebox';
import type { AuditJson } from '../../src/core/audit/auditReport.ts';
import type { Checked } from '../../src/core/check/check.ts';
import type { Party } from '../../src/core/diagnose/cause.ts';
import type { summariseAttempt } from '../../src/core/explain/attemptSummary.ts';
import type { describeCause } from '../../src/core/explain/causeJson.ts';
import type { IncidentJson } from '../../src/core/explain/incidentJson.ts';
import type { Ladder } from '../../src/core/explain/ladder/ladder.ts';
import type { PredictionJson } from '../../src/core/explain/predictionJson.ts';
import type { MatchTrace } from '../../src/core/explain/trace.ts';
import type { DescribedDifference, DescribedVersion } from '../../src/core/explain/versionHistory.ts';
import type { WhatIfJson } from '../../src/core/explain/whatIfJson.ts';
import type { CallWithEffects } from '../../src/core/explain/withEffects.ts';
import type { Effects } from '../../src/core/fixes/effects.ts';
import type { IncidentWindow } from '../../src/core/incidents/incidentWindow.ts';
import type { CallList } from '../../src/http/api/callSchema.ts';
import type { ExpectedCalls as ExpectedCallsSchema } from '../../src/http/api/expectedRoute.ts';
import type { IncidentList, IncidentWithCalls } from '../../src/http/api/incidentSchema.ts';
import type { ReferenceRoutes } from '../../src/http/api/reference.ts';
import type { Stats as StatsSchema } from '../../src/http/api/statsRoute.ts';

// Types only: nothing of the server becomes part of the page.
export type {
  AuditJson,
  Checked,
  DescribedDifference,
  DescribedVersion,
  Effects,
  Ladder,
  MatchTrace,
  Party,
  WhatIfJson,
};

/** An incident as it is listed. */
export type Incident = IncidentJson & { readonly window: IncidentWindow };
/** An incident by itself. */
export type OneIncident = Incident & Pick<Static<typeof IncidentWithCalls>, 'series' | 'example_calls'>;
export type ExpectedCallsJson = Static<typeof ExpectedCallsSchema>;
export type Stats = Static<typeof StatsSchema>;

export type Call = CallWithEffects;
export type Attempt = Call['attempts'][number];
export type Pending = Call['pending'][number];
export type TimelineEntry = Call['timeline'][number];
export type LadderMessage = Ladder['messages'][number];
export type Fix = Attempt['fixes'][number];
export type Evidence = Attempt['evidence'][number];
export type Paste = Fix['pastes'][number];

/** An attempt as it is listed. */
export type ListedCall = ReturnType<typeof summariseAttempt>;

export type CallsPage = Omit<Static<typeof CallList>, 'calls'> & { readonly calls: readonly ListedCall[] };
export type IncidentsPage = Pick<Static<typeof IncidentList>, 'next_cursor'> & {
  readonly incidents: readonly Incident[];
};
export type PredictedIncident = PredictionJson;
export type PredictedPage = { readonly incidents: readonly PredictedIncident[] };
export type SetupStep = Awaited<ReturnType<ReferenceRoutes['setup']>>[number];
export type Cause = ReturnType<typeof describeCause>;
