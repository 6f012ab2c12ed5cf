import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Join } from '../../../src/core/correlate/join.ts';
import { liveKitReportOf } from '../../../src/core/diagnose/facts/liveKitReport.ts';
import { BEGIN_MS, webhooksOf } from '../scenario.ts';
import { attemptOf } from './attemptOf.ts';

test('the report of LiveKit’s webhooks counts its seconds from the start of the leg', () => {
  const attempt = attemptOf(webhooksOf({ ringing: [90], response: [200, 'OK', 9_000] }));
  const startedAt = attempt.leg?.first.at ?? BEGIN_MS;
  const after = (ms: number) => ({ at: startedAt + ms });
  const participant = { kind: 'SIP', joined: after(1_500), firstReported: after(1_500) };
  const agent = { kind: 'AGENT', joined: after(2_250), firstReported: after(2_250), firstAudio: after(3_000) };
  const room = { key: 'RM_1', participants: new Map(Object.entries({ participant, agent })), jobs: new Map() };
  const join = { kind: 'joined', by: 'numbers', sip: { room, participant } } as unknown as Join;
  const report = liveKitReportOf(join, attempt, true);
  assert.ok(report.kind === 'admitted');
  assert.deepEqual(report.seconds, { participant: 1.5, agent: 2.25, audio: 3 });
  assert.equal(report.room, 'RM_1', 'a room without a name has its id');
  assert.equal(report.hasOthers, false);
});
