import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callMarkdown } from '../../../src/core/explain/ticket/ticketMarkdown.ts';

describe('the ladder in a ticket', () => {
  type Described = Parameters<typeof callMarkdown>[0];
  const message = {
    at: '2026-11-26T10:00:00.000Z',
    from: 'livekit' as const,
    to: 'jambonz' as const,
    label: '180 Ringing',
    kind: 'provisional' as const,
    detail: null,
    leg: null,
    until: null,
    count: 1,
    inferred: false,
  };
  const markdown = (ladder: Partial<Described['ladder']>) =>
    callMarkdown({
      call_sid: 'a',
      from: null,
      to: null,
      started_at: null,
      settled: false,
      timeline: [],
      attempts: [],
      pending: [],
      left_out: { webhooks: 0, attempts: 0 },
      ladder: { participants: ['carrier', 'jambonz', 'livekit', 'agent'], messages: [], stopped: null, ...ladder },
    });

  it('is left out without messages', () => assert.doesNotMatch(markdown({}), /What happened/));

  it('says who sent what to whom, and how often', () => {
    const text = markdown({
      messages: [
        message,
        { ...message, count: 2 },
        { ...message, from: 'jambonz', label: 'dial ended', detail: 'busy' },
        { ...message, from: 'jambonz', to: 'livekit', label: 'CANCEL', inferred: true },
      ],
    });
    assert.deepEqual(text.split('\n').slice(4), [
      '## What happened',
      '',
      '| When | Who | What | Detail |',
      '| --- | --- | --- | --- |',
      '| 2026-11-26T10:00:00.000Z | livekit → jambonz | 180 Ringing |  |',
      '| 2026-11-26T10:00:00.000Z | livekit → jambonz | 2 × 180 Ringing |  |',
      '| 2026-11-26T10:00:00.000Z | jambonz | dial ended | busy |',
      '| 2026-11-26T10:00:00.000Z | jambonz → livekit | CANCEL (inferred) |  |',
      '',
    ]);
  });

  it('says where the call stopped', () => {
    const stopped = { at_participant: 'agent' as const, after_message: 0, text: 'One 180.' };
    assert.match(markdown({ messages: [message], stopped }), /^Stopped at: agent\. One 180\.$/m);
    assert.doesNotMatch(markdown({ messages: [message] }), /Stopped at/);
  });
});
