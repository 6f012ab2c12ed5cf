import type { Admitted } from '../../../src/core/diagnose/facts/liveKitReport.ts';

/** What LiveKit's webhooks say of a call that it let in, and nothing else. */
export const ADMITTED: Admitted = {
  kind: 'admitted',
  joinedBy: 'call_id',
  room: 'call-1',
  rule: undefined,
  isAborted: false,
  agent: { state: 'none', isLate: false },
  hasOthers: false,
  agentLeftEarly: undefined,
  agentGone: undefined,
  isAlone: false,
  openedSecondsBefore: undefined,
  callerSeconds: undefined,
  callerLeft: undefined,
  movedSecondsBefore: undefined,
  leftBecause: undefined,
  roomClosed: undefined,
  isWhole: false,
  seconds: { participant: undefined, agent: undefined, audio: undefined },
};
