import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { B_LEG_CALL_ID } from '../../core/livekitScenario.ts';
import { A_LEG, B_LEG, webhooksOf } from '../../core/scenario.ts';
import { startService } from '../service.ts';
import { liveKitToken } from '../signing.ts';

const SECRET = 'secret-secret-secret-secret-secret-1234';
const KEYS = { LIVEKIT_API_KEY: 'devkey', LIVEKIT_API_SECRET: SECRET };
const NOW = 1_795_387_200_000;
const REFUSED = {
  code: 'failed_precondition',
  message: 'twirp error unknown: sip status: 501: Not Implemented',
  metadata: { sip_status: 'Not Implemented', sip_status_code: '501' },
};

const ENDED = '{cause="transfer_failed",party="jambonz",trunk="unknown"}';

type Service = Awaited<ReturnType<typeof startService>>;

async function withService(test: (service: Service) => Promise<void>): Promise<void> {
  const service = await startService(KEYS, NOW);
  try {
    await test(service);
  } finally {
    await service.app.close();
  }
}

function report({ app, clock }: Service, body: object, token?: string) {
  const payload = JSON.stringify({ event: 'transfer_reported', sip_call_id: B_LEG_CALL_ID, ...body });
  const authorization = token ?? liveKitToken(payload, SECRET, clock.now, {});
  return app.http.inject({ method: 'POST', url: '/livekit/webhook', headers: { authorization }, payload });
}

/** A call that was answered, and that its caller ended after 25 s. */
async function makeCall({ app, clock }: Service): Promise<void> {
  const webhooks = webhooksOf({ ringing: [90], answeredAt: 200, callerHungUpAt: 25_000 });
  for (const { path, body = '', at_ms } of webhooks.toSorted((a, b) => a.at_ms - b.at_ms)) {
    clock.now = Math.max(clock.now, NOW + at_ms);
    const { statusCode } = await app.http.inject({ method: 'POST', url: path, payload: body });
    assert.ok(statusCode < 300);
  }
}

describe('an agent’s report of a transfer', () => {
  it('is refused unless the agent signed it', () =>
    withService(async (service) => {
      const { statusCode } = await report(service, { error: REFUSED }, liveKitToken('{}', SECRET, NOW, {}));
      assert.equal(statusCode, 401);
    }));

  it('is refused with the field and the remedy if it lacks what it reports', () =>
    withService(async (service) => {
      const answer = await report(service, {});
      assert.equal(answer.statusCode, 400);
      assert.match(answer.json().detail, /^error must be the error of TransferSIPParticipant/);
    }));

  it('is counted, once if it is repeated', () =>
    withService(async (service) => {
      assert.equal((await report(service, { error: REFUSED, id: 'one' })).statusCode, 200);
      service.clock.now += 2_000;
      assert.equal((await report(service, { error: REFUSED, id: 'one' })).statusCode, 200);
      const counted = await service.samples('sipwhy_webhooks_total');
      const of = (result: string) => counted[`{source="livekit",event="transfer_reported",result="${result}"}`];
      assert.deepEqual([of('accepted'), of('repeated')], [1, 1]);
    }));

  for (const [when, order] of [
    ['after the call', ['call', 'report']],
    ['before Jambonz’s webhooks', ['report', 'call']],
  ] as const) {
    it(`gives its call the cause, an incident and a line of the ladder if it arrives ${when}`, () =>
      withService(async (service) => {
        for (const what of order) {
          if (what === 'call') await makeCall(service);
          else assert.equal((await report(service, { error: REFUSED })).statusCode, 200);
        }
        const { attempts, ladder } = await callOf(service);
        const [attempt] = attempts;
        assert.deepEqual(
          [attempt?.outcome, attempt?.cause, attempt?.party, attempt?.confidence],
          ['connected', 'transfer_failed', 'jambonz', 'certain'],
        );
        assert.equal(attempt?.incident?.cause, 'transfer_failed');
        const ends = await service.samples('sipwhy_call_ends_total');
        assert.deepEqual(ends, { [ENDED]: 1 });
        const line = ladder.messages.find(({ label }) => label.startsWith('REFER'));
        assert.deepEqual(
          [line?.from, line?.to, line?.label, line?.kind, line?.leg],
          ['jambonz', 'livekit', 'REFER: 501 Not Implemented', 'failure', B_LEG],
        );
      }));
  }
});

interface Described {
  readonly attempts: readonly {
    readonly outcome: string;
    readonly cause: string | null;
    readonly party: string | null;
    readonly confidence: string | null;
    readonly incident: { readonly cause: string } | null;
  }[];
  readonly ladder: {
    readonly messages: readonly {
      readonly from: string;
      readonly to: string;
      readonly label: string;
      readonly kind: string;
      readonly leg: string | null;
    }[];
  };
}

async function callOf(service: Service): Promise<Described> {
  await service.pass(10_000);
  const answer = await service.app.http.inject({ method: 'GET', url: `/api/v1/calls/${A_LEG}` });
  assert.equal(answer.statusCode, 200);
  return answer.json();
}
