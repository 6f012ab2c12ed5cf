import type { Evidence } from './cause.ts';
import type { HangUpShare, HangUps } from './facts/agentCalls.ts';
import { type CallEnd, type EndedBy, withoutAgentSeconds } from './facts/callEnd.ts';
import type { Facts } from './facts/facts.ts';

const WHO: Record<EndedBy, string> = {
  caller: 'the caller hung up',
  far_end: 'the leg to LiveKit ended first: the caller was still there',
  jambonz: 'Jambonz or the application ended it',
  unknown: 'no webhook says who ended it',
};

/** How an answered call to LiveKit ended, as evidence: who ended it, after how long, and what LiveKit says. */
export function endEvidence({ end, livekit }: Pick<Facts, 'end' | 'livekit'>): Evidence[] {
  if (!end) return [];
  const evidence: Evidence[] = [
    { name: 'end of the call', value: `${WHO[end.by]}${afterWords(end)}`, source: 'jambonz' },
  ];
  if (livekit.kind !== 'admitted') return evidence;
  const { agentGone, leftBecause } = livekit;
  if (leftBecause !== undefined) {
    const before =
      end.outlivedSeconds === undefined ? '' : `, ${end.outlivedSeconds.toFixed(1)} s before the end of Jambonz’s leg`;
    evidence.push({ name: 'the caller’s participant left', value: `${leftBecause}${before}`, source: 'livekit' });
  }
  if (agentGone && end.aloneSeconds !== undefined && withoutAgentSeconds(end) > 0) {
    const reason = agentGone.reason === undefined ? '' : ` (${agentGone.reason})`;
    const value = `left${reason} ${end.aloneSeconds.toFixed(1)} s before the end, and nobody else was in the room`;
    evidence.push({ name: 'agent', value, source: 'livekit' });
  }
  return evidence;
}

function afterWords({ seconds, precise }: CallEnd): string {
  if (seconds === undefined) return '';
  return precise ? `, ${seconds.toFixed(1)} s after the answer` : `, about ${seconds.toFixed(0)} s after the answer`;
}

/** How many of the latest calls of the same agent were hung up within seconds, and of those before, as evidence. */
export function hangUpEvidence({ usual, ...latest }: HangUps): Evidence[] {
  const evidence: Evidence[] = [
    { name: 'latest calls of this dispatch rule', value: shareWords(latest), source: 'neighbours' },
  ];
  if (usual) evidence.push({ name: 'calls before them', value: shareWords(usual), source: 'neighbours' });
  return evidence;
}

function shareWords({ hungUp, calls }: HangUpShare): string {
  return `${hungUp} of ${calls} callers hung up within seconds of the answer, although the agent could speak`;
}
