import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { SipCallError } from 'livekit-server-sdk';
import { keptBody } from '../../../src/core/receive/keptBody.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';

const NOW = 1_795_387_200_000;
const CALL = { event: 'transfer_reported', sip_call_id: 'b-leg@192.0.2.10' };
const read = (body: object) => readLiveKit(Buffer.from(JSON.stringify(body)), NOW);

function transferOf(body: object) {
  const reading = read(body);
  assert.ok(reading.ok, JSON.stringify(reading));
  assert.equal(reading.event.name, 'transfer_reported');
  return reading.event.transfer;
}
const failureOf = (error: object) => transferOf({ ...CALL, error })?.failure;

/** The errors of the recorded calls, as LiveKit's API sent them. */
const RECORDED = readFileSync(new URL('../../recorded/livekit-after-answer.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { api: { body?: string } | null })
  .flatMap(({ api }) => (api?.body === undefined ? [] : [JSON.parse(api.body) as Twirp]));
interface Twirp {
  readonly code: string;
  readonly msg: string;
  readonly meta: Readonly<Record<string, string>>;
}
const WANTED = [
  { code: 'permission_denied', status: 603, reason: 'Decline', answers: 'refer' },
  { code: 'failed_precondition', status: 501, reason: 'Not Implemented', answers: 'refer' },
  { code: 'resource_exhausted', status: 486, reason: 'Busy Here', answers: 'target' },
];

describe('an agent’s report of a failed transfer', () => {
  it('has the error as LiveKit’s API sends it', () => assert.deepEqual(RECORDED.map(failureOf), WANTED));

  it('has the error as the Python SDK names its fields', () => {
    const errors = RECORDED.map(({ code, msg, meta }) => ({ code, message: msg, metadata: meta }));
    assert.deepEqual(errors.map(failureOf), WANTED);
  });

  it('has the error as Node’s SDK throws it, whose JSON lacks the message', () => {
    const errors = RECORDED.map(({ code, msg, meta }) => new SipCallError('Error', msg, 400, code, { ...meta }));
    assert.deepEqual(errors.map(failureOf), WANTED);
    const withMessage = errors.map((error) => ({ ...error, message: error.message }));
    assert.deepEqual(withMessage.map(failureOf), WANTED);
  });

  const NOTHING = { code: undefined, status: undefined, reason: undefined, answers: undefined };
  for (const [what, error, wanted] of [
    ['nothing is known of', {}, NOTHING],
    ['says null for what it lacks', { code: null, message: null, metadata: null }, NOTHING],
    ['names no SIP status', { code: 'deadline_exceeded', message: 'timed out' }, { code: 'deadline_exceeded' }],
    ['has the status in its text alone', { message: 'sip status: 480' }, { status: 480, answers: 'refer' }],
    [
      'has the status and the phrase in its text alone',
      { msg: 'call transfer failed: sip status: 503: Service Unavailable' },
      { status: 503, reason: 'Service Unavailable', answers: 'target' },
    ],
    ['has the status as a number', { meta: { sip_status_code: 501 } }, { status: 501 }],
    ['has the smallest status of a failure', { meta: { sip_status_code: '300' } }, { status: 300 }],
    ['has the largest status of a failure', { meta: { sip_status_code: '699' } }, { status: 699 }],
    ['has a status that is no failure', { meta: { sip_status_code: '299', sip_status: 'x' } }, {}],
    ['has a status that is none', { meta: { sip_status_code: '700', sip_status: 'x' } }, {}],
  ] as const) {
    it(`is read where the error ${what}`, () => assert.deepEqual(failureOf(error), { ...NOTHING, ...wanted }));
  }
});

describe('an agent’s report of a transfer', () => {
  it('without an error is a success', () => {
    assert.deepEqual(transferOf({ ...CALL, error: null }), { sipCallId: CALL.sip_call_id, failure: undefined });
  });

  it('has the time of its arrival, and its id', () => {
    const reading = read({ ...CALL, error: null, id: 'report-1' });
    assert.ok(reading.ok);
    assert.deepEqual([reading.event.at, reading.event.precise, reading.event.id], [NOW, true, 'report-1']);
  });

  for (const [what, body, fault] of [
    ['no sip_call_id', { error: null, sip_call_id: undefined }, /^sip_call_id must be the attribute sip\.callIDFull/],
    ['an empty sip_call_id', { error: null, sip_call_id: '' }, /^sip_call_id must be/],
    ['a sip_call_id that is no text', { error: null, sip_call_id: 7 }, /^sip_call_id must be/],
    ['a sip_call_id of 1,025 characters', { error: null, sip_call_id: 'x'.repeat(1_025) }, /^sip_call_id must be/],
    ['no error', {}, /^error must be .* or null if the transfer succeeded/],
    ['an error that is text', { error: 'sip status: 501' }, /^error must be .* with code, message and metadata/],
    ['an error of another form', { error: { metadata: 'x' } }, /^error must be/],
  ] as const) {
    it(`with ${what} is refused with the remedy`, () => {
      const reading = read({ ...CALL, ...body });
      assert.match(reading.ok ? '' : reading.fault, fault);
    });
  }
  it('with a sip_call_id of 1,024 characters is taken', () => {
    assert.ok(read({ ...CALL, sip_call_id: 'x'.repeat(1_024), error: null }).ok);
  });
});

describe('what is kept of an agent’s report', () => {
  const kept = (body: object, hashKey?: string) =>
    Buffer.from(keptBody({ source: 'livekit', form: 'json' }, Buffer.from(JSON.stringify(body)), hashKey)).toString();

  it('reads as the report does, in every form of an error', () => {
    const errors = [...RECORDED, ...RECORDED.map(({ meta }) => ({ metadata: meta })), {}, { code: 'canceled' }, null];
    for (const error of [...errors, { msg: 'sip status: 480' }, { meta: { sip_status_code: 501 } }]) {
      const body = { ...CALL, id: 'report-1', error };
      assert.deepEqual(readLiveKit(Buffer.from(kept(body)), NOW), read(body));
    }
  });

  it('has no text that may name the target, and no other field', () => {
    const body = { ...CALL, transfer_to: 'tel:+15550177', error: { msg: 'no route to +15550177', other: '+15550177' } };
    for (const key of [undefined, 'a key of some length']) assert.doesNotMatch(kept(body, key), /5550177/);
  });
});
