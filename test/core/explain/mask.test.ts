import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { describeCall } from '../../../src/core/explain/callJson.ts';
import { maskJson, maskNumbers } from '../../../src/core/explain/mask.ts';
import { callsCsv } from '../../../src/core/explain/ticket/callsCsv.ts';
import { callMarkdown } from '../../../src/core/explain/ticket/ticketMarkdown.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS, eventOf, Running } from '../running.ts';
import { A_LEG, B_LEG, rule, trunk, webhooksOf } from '../scenario.ts';

describe('a masked number', () => {
  for (const [text, masked] of [
    ['+4915112345678', '+49•••••••••78'],
    ['4991874350352', '49•••••••••52'],
    ['+15550123', '+1•••••23'],
    ['+353 1 960 0123', '+353 • ••• ••23'],
    ['0049 151 1234567', '0049 ••• •••••67'],
    ['(0151) 123-4567', '(••••) •••-••67'],
    ['sip:+4915112345678@198.51.100.7:5060;transport=udp', 'sip:+49•••••••••78@198.51.100.7:5060;transport=udp'],
    ['sip:%2B4915112345678@x.example', 'sip:%2B49•••••••••78@x.example'],
    ['sip:%34915112345678@x.example', 'sip:49•••••••••78@x.example'],
    ['"add": ["4991874350352", "10.0.0.0/8"]', '"add": ["49•••••••••52", "10.0.0.0/8"]'],
  ] as const) {
    it(`of ${text} is ${masked}`, () => assert.equal(maskNumbers(text), masked));
  }

  for (const text of [
    'ST_GjeZjGQjrsvC and SDR_1234567890',
    '36ec42cd-29ff-42d3-8f3c-7dd21bff1502',
    '54.236.168.131, 192.0.2.0/24',
    '2026-11-22T22:44:00.160Z',
    'sip:call-dc350027287b86c@lab.sip.livekit.cloud',
    'one 180, then silence for 20.0 s; 503 Try again later',
  ]) {
    it(`is not found in ${text}`, () => assert.equal(maskNumbers(text), text));
  }
});

/** A telephone number in one of the forms in which people write them. */
const number = fc
  .tuple(
    fc.constantFrom('', '+', '00', '0'),
    fc.stringMatching(/^[1-9]\d{4,13}$/),
    fc.constantFrom('', ' ', '-', '.', '/', ' - ', ') '),
    fc.integer({ min: 2, max: 4 }),
  )
  .map(([prefix, digits, separator, size]) => {
    const groups = digits.match(new RegExp(`\\d{1,${size}}`, 'g')) ?? [];
    return `${prefix}${groups.join(separator)}`;
  });

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

/** One call with these numbers wherever numbers can be. */
function callWith(caller: string, called: string, listed: string) {
  const livekit = {
    inbound_trunks: [
      trunk({ numbers: [called], allowed_numbers: [listed, called], name: `main line ${listed}` }),
      trunk({ sip_trunk_id: 'ST_2', numbers: [listed] }),
    ],
    dispatch_rules: [rule({ inbound_numbers: [listed], numbers: [called] })],
  };
  const to = `sip:${encodeURIComponent(called)}@lab.sip.livekit.cloud`;
  const webhooks = webhooksOf({ from: caller, to, ringing: [90], response: [503, `No way to ${called}`, 9_000] });
  const running = new Running(livekit);
  running.deliver(webhooks);
  running.settleAll();
  const reading = readSnapshot(livekit);
  assert.ok(reading.ok);
  const attempts = running.verdicts.map(({ callSid, at, record }) => ({
    callSid,
    startedAt: EPOCH_MS,
    settledAt: EPOCH_MS + at,
    record,
  }));
  const events = webhooks.map((sent) => eventOf(sent));
  const record = { callId: A_LEG, events, attempts, liveKitEvents: [] };
  return describeCall(SITE, record, () => ({ snapshot: reading.snapshot, ageSeconds: 0, isStale: false }));
}

/** The text without what cannot be a number: the ids and times of this test. Nothing stands between digits any more. */
function bare(text: string): string {
  return text
    .replaceAll(A_LEG, '')
    .replaceAll(B_LEG, '')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '')
    .replaceAll('192.0.2.10', '');
}

describe('a call for a ticket', () => {
  it('holds no five digits in a row of a number, wherever numbers can be', () => {
    fc.assert(
      fc.property(number, number, number, (caller, called, listed) => {
        const call = callWith(caller, called, listed);
        const masked = maskJson(call);
        const shown = [JSON.stringify(masked), callMarkdown(masked), callsCsv(masked.attempts)].map(bare);
        for (const given of [caller, called, listed]) {
          const digits = given.replaceAll(/\D/g, '');
          for (let i = 0; i + 5 <= digits.length; i += 1) {
            const run = digits.slice(i, i + 5);
            for (const text of shown) assert.ok(!text.includes(run), `${run} of ${given} in ${text}`);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is whole where nothing is masked', () => {
    const call = callWith('+4915112345678', '+15550100', '+441632960123');
    for (const text of [JSON.stringify(call), callMarkdown(call)]) {
      assert.match(text, /4915112345678/);
      assert.match(text, /441632960123/);
    }
  });

  it('keeps ids', () => {
    const { call_sid, attempts } = maskJson(callWith('+4915112345678', '+15550100', '+441632960123'));
    assert.equal(call_sid, A_LEG);
    assert.equal(attempts[0]?.call_sid, B_LEG);
    assert.equal(attempts[0]?.match?.trunks[0]?.sip_trunk_id, 'ST_1');
  });
});
