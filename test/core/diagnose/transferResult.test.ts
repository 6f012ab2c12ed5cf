import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TransferFailure } from '../../../src/core/call/livekitEvent.ts';
import { failureWords, refusedBy } from '../../../src/core/diagnose/facts/transferResult.ts';
import { B_LEG_CALL_ID, transferReported } from '../livekitScenario.ts';
import { BEGIN_MS, explain, FITTING, trunk, webhooksOf } from '../scenario.ts';

const failure = (status: number | undefined, answers?: TransferFailure['answers']): TransferFailure => ({
  code: undefined,
  status,
  reason: undefined,
  answers,
});

describe('who refused a transfer', () => {
  for (const [status, party] of [
    [479, 'carrier'],
    [480, 'nobody'],
    [481, 'carrier'],
    [485, 'carrier'],
    [486, 'nobody'],
    [487, 'nobody'],
    [488, 'carrier'],
    [599, 'carrier'],
    [600, 'nobody'],
    [601, 'carrier'],
    [603, 'nobody'],
    [403, 'carrier'],
    [404, 'nobody'],
    [405, 'carrier'],
    [407, 'carrier'],
    [408, 'nobody'],
    [410, 'nobody'],
    [484, 'nobody'],
    [501, 'carrier'],
    [503, 'carrier'],
    [604, 'nobody'],
  ] as const) {
    it(`is ${party} where the target answered ${status}`, () =>
      assert.equal(refusedBy(failure(status, 'target')), party));
  }
  for (const [status, party] of [
    [501, 'jambonz'],
    [500, 'jambonz'],
    [404, 'jambonz'],
    [480, 'nobody'],
    [486, 'nobody'],
    [487, 'nobody'],
    [600, 'nobody'],
    [603, 'nobody'],
  ] as const) {
    it(`is ${party} where the REFER was answered ${status}`, () =>
      assert.equal(refusedBy(failure(status, 'refer')), party));
  }
  for (const [status, party] of [
    [486, 'nobody'],
    [501, 'jambonz'],
    [404, 'unknown'],
    [503, 'unknown'],
    [undefined, 'unknown'],
  ] as const) {
    it(`is ${party} where nothing says what ${status ?? 'an error without a status'} answers`, () =>
      assert.equal(refusedBy(failure(status)), party));
  }
  it('is told with the status, or else with the API’s code', () => {
    assert.equal(failureWords({ ...failure(501), reason: 'Not Implemented' }), '501 Not Implemented');
    assert.equal(failureWords(failure(501)), '501');
    assert.equal(failureWords({ ...failure(undefined), code: 'canceled' }), 'canceled, without a SIP status');
    assert.equal(failureWords(failure(undefined)), 'the error names no SIP status');
  });
});

describe('several transfers of one call', () => {
  const CALL = webhooksOf({ ringing: [90], answeredAt: 200, callerHungUpAt: 30_000 });
  const busy = { message: 'call transfer failed: sip status: 486: Busy Here' };
  const refused = { message: 'sip status: 501: Not Implemented' };
  const reported = (errors: readonly (object | null)[], callId = B_LEG_CALL_ID) => {
    const reports = errors.map((error, i) => transferReported(BEGIN_MS + 5_000 + i * 1_000, error, callId));
    const [got] = explain([...CALL, ...reports], { livekit: FITTING });
    assert.ok(got);
    const transfer = got.evidence.find(({ name }) => name === 'transfer')?.value;
    return { cause: got.cause, party: got.party, transfer, summary: got.summary };
  };

  it('fail by the last one', () => {
    const { cause, party, transfer, summary } = reported([refused, busy]);
    assert.deepEqual([cause, party], ['transfer_failed', 'nobody']);
    assert.equal(transfer, '486 Busy Here from the target, 5.8 s after the answer; 2 transfers failed');
    assert.match(summary, /^The call connected, but the agent’s transfer of the caller failed \(486 Busy Here\)\./);
    assert.doesNotMatch(summary, /Owner/);
    const { party: jambonz, summary: blamed } = reported([busy, refused]);
    assert.equal(jambonz, 'jambonz');
    assert.match(blamed, /Owner: Jambonz\.$/);
  });
  it('succeed if one does', () => {
    assert.equal(reported([busy, null]).cause, null);
    assert.equal(reported([null, busy]).cause, null);
  });
  it('with somebody to blame come before an end that is nobody’s fault', () => {
    const livekit = { ...FITTING, inbound_trunks: [trunk({ max_call_duration: '60s' })] };
    const call = webhooksOf({ ringing: [90], answeredAt: 200, farEndHungUpAt: 60_200 });
    const blockingOf = (error: object) =>
      explain([...call, transferReported(BEGIN_MS + 5_000, error)], { livekit })[0]?.blocking;
    assert.deepEqual(blockingOf(refused), ['transfer_failed', 'call_limit_reached']);
    assert.deepEqual(blockingOf(busy), ['call_limit_reached', 'transfer_failed']);
  });
  it('are those of another call if another Call-ID is reported', () => {
    assert.equal(reported([busy], 'another@192.0.2.10').cause, null);
  });
  it('may be reported long after the end', () => {
    const late = transferReported(BEGIN_MS + 600_000, refused);
    assert.equal(explain([...CALL, late], { livekit: FITTING })[0]?.cause, 'transfer_failed');
  });
});

describe('a call that was transferred', () => {
  it('says so instead of asking why it ended', () => {
    const call = webhooksOf({ ringing: [90], answeredAt: 200, farEndHungUpAt: 10_200 });
    const [unreported] = explain(call, { livekit: FITTING });
    const [transferred] = explain([...call, transferReported(BEGIN_MS + 10_100, null)], { livekit: FITTING });
    assert.match(unreported?.unknowns.join() ?? '', /Why the call ended.*transfer_reported/);
    assert.match(transferred?.summary ?? '', /the caller had not hung up: the caller was transferred\.$/);
    assert.deepEqual(transferred?.unknowns, []);
  });
});
