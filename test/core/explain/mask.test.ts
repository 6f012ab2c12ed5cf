import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atOnce } from '../../../src/core/atOnce.ts';
import { maskJson, maskListInSteps, maskNumbers, maskOf } from '../../../src/core/explain/mask.ts';
import { callMarkdown } from '../../../src/core/explain/ticket/ticketMarkdown.ts';
import { A_LEG, B_LEG } from '../scenario.ts';
import { callWith } from './callWithNumbers.ts';

describe('a masked number', () => {
  for (const [text, masked] of [
    ['+4915112345678', '+49•••••••••78'],
    ['4991874350352', '49•••••••••52'],
    ['+15550123', '+1•••••23'],
    ['+3531234', '+•••••34'],
    ['+35312345', '+353•••45'],
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

describe('a short number', () => {
  it('is masked wherever it stands, if the call names it', () => {
    assert.deepEqual(maskJson({ calls: [{ from: '12345' }], text: 'extension 12345, not 54321' }), {
      calls: [{ from: '•••45' }],
      text: 'extension •••45, not 54321',
    });
  });

  it('is masked in every entry of a list, if any of them names it', () => {
    const [first, second] = atOnce(maskListInSteps([{ text: '12345' }, { from: '12345', text: '' }]));
    assert.deepEqual([first, second], [{ text: '•••45' }, { from: '•••45', text: '' }]);
  });

  it('is a number of the call if a list of numbers has it, and not if a username is it', () => {
    const masked = (field: string) => maskJson({ field, listed: ['12345'], text: '12345' }).text;
    assert.equal(masked('allowed_numbers'), '•••45');
    assert.equal(masked('auth_username'), '12345');
  });
});

describe('a known number', () => {
  const mask = maskOf(['20412']);
  it('is masked in a longer run of digits, in front of letters too', () => {
    assert.equal(mask('x999204128y'), 'x999••••28y');
  });
  it('is not found in a run that has only part of it, nor in one of four digits', () => {
    assert.equal(mask('x9992041y x0412y'), 'x9992041y x0412y');
    assert.equal(maskOf(['2041'])('x92041y'), 'x92041y');
  });
});

describe('a call for a ticket', () => {
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
