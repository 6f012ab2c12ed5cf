import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { affectsVerdict, isAudio, LIVEKIT_EVENTS } from '../../../src/core/call/livekitEvent.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';

function event(body: object) {
  const reading = readLiveKit(Buffer.from(JSON.stringify(body)), 0, true);
  assert.ok(reading.ok);
  return reading.event;
}

describe('a LiveKit event', () => {
  const DECIDING = new Set([
    'room_finished',
    'participant_joined',
    'participant_left',
    'participant_connection_aborted',
    'track_published',
    'agent_job_started',
    'agent_job_ended',
    'transfer_reported',
  ]);
  for (const name of [...LIVEKIT_EVENTS, 'of another kind']) {
    it(`${name} can${DECIDING.has(name) ? '' : 'not'} change a verdict`, () => {
      const report = { sip_call_id: 'b-leg', error: null };
      assert.equal(affectsVerdict(event({ event: name, ...report })), DECIDING.has(name));
    });
  }

  for (const [track, wanted] of [
    [{ source: 'MICROPHONE' }, true],
    [{ source: 'CAMERA', mimeType: 'video/vp8' }, false],
    [{ mimeType: 'audio/red' }, true],
    [{}, false],
    [undefined, false],
  ] as const) {
    it(`with the track ${JSON.stringify(track)} is ${wanted ? '' : 'not '}audio`, () => {
      assert.equal(isAudio(event({ event: 'track_published', track })), wanted);
    });
  }
});
