import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callMarkdown, code, fence, prose, table } from '../../../src/core/explain/ticket/ticketMarkdown.ts';

describe('text in a ticket', () => {
  for (const [text, wanted] of [
    ['a  b\r\n c ', 'a b c'],
    ['*a* _b_ `c` [d](e) <f> g|h ~i # j! k\\', '\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\<f\\> g\\|h \\~i \\# j\\! k\\\\'],
    ['a & b', 'a &amp; b'],
  ] as const) {
    it(`formats nothing: ${JSON.stringify(text)}`, () => assert.equal(prose(text), wanted));
  }

  for (const [text, wanted] of [
    ['a', '`a`'],
    ['a\nb', '`a b`'],
    ['a|b', '`a\\|b`'],
    ['a`b', '``a`b``'],
    ['a``b`c', '```a``b`c```'],
    ['`a', '`` `a ``'],
    ['a`', '`` a` ``'],
    ['', '`  `'],
  ] as const) {
    it(`is code whatever is in it: ${JSON.stringify(text)}`, () => assert.equal(code(text), wanted));
  }

  for (const [text, ticks] of [
    ['a', '```'],
    ['``', '```'],
    ['```', '````'],
    ['````', '`````'],
  ] as const) {
    it(`is a block of code whatever is in it: ${text}`, () =>
      assert.deepEqual(fence('json', text), [`${ticks}json`, text, ticks]));
  }

  it('is a table with one line a row', () => {
    assert.deepEqual(
      table(
        ['A', 'B'],
        [
          ['1|2', '3'],
          ['4', ''],
        ],
      ),
      ['| A | B |', '| --- | --- |', '| 1\\|2 | 3 |', '| 4 |  |'],
    );
  });
});

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
