import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CALLED, CALLER, rule, SBC, trunk } from '../../core/scenario.ts';
import { startPredicting } from './predictedService.ts';

const OTHER_NUMBER = '+15550111';
const AGENT = { agents: [{ agent_name: 'sales' }] };

describe('a change of the configuration, judged before anybody calls', () => {
  let livekit: Awaited<ReturnType<typeof startPredicting>>;
  const before = {
    inbound_trunks: [
      trunk({ numbers: [CALLED, OTHER_NUMBER], allowed_addresses: [SBC], auth_username: 'u', auth_password: 'pw' }),
    ],
    dispatch_rules: [rule()],
  };

  beforeEach(async () => {
    livekit = await startPredicting(before);
    await livekit.connect();
    await livekit.connect({ from: '+15550142' });
    await livekit.connect({ to: OTHER_NUMBER });
  });
  afterEach(() => livekit.close());

  /** Takes the change back, and checks that the prediction closes. */
  async function takesBack(): Promise<void> {
    const open = await livekit.change((now) => Object.assign(now, structuredClone(before)));
    assert.deepEqual(open, []);
    const closed = await livekit.predicted('closed');
    assert.deepEqual([...new Set(closed.map(({ closed_because }) => closed_because))], ['taken_back']);
  }

  it('predicts that calls to a removed number fail', async () => {
    const [first, ...more] = await livekit.change(({ inbound_trunks: [one] }) =>
      Object.assign(one ?? {}, { numbers: [CALLED] }),
    );
    assert.deepEqual(more, []);
    assert.equal(first?.effect, 'refused');
    assert.equal(first.cause, 'called_number_not_on_trunk');
    assert.deepEqual(first.change.changes, [
      `numbers of ST_1 changed from [${CALLED}, ${OTHER_NUMBER}] to [${CALLED}]`,
    ]);
    assert.deepEqual([first.kinds_hit, first.kinds_seen, first.certain], [1, 3, true]);
    assert.match(first.fix?.action ?? '', new RegExp(`Add \\${OTHER_NUMBER}`));
    assert.deepEqual(first.take_back?.steps, [`Set ST_1 "first" back: numbers to ${CALLED}, ${OTHER_NUMBER}.`]);
    assert.match(
      first.summary,
      /^Calls would fail: .* 1 of the 3 kinds of calls seen in the last 7 days, 1 call a day \(33 % of all\)\./,
    );
    const info = await livekit.samples('sipwhy_predicted_incident_info');
    assert.equal(Object.keys(info).length, 1);
    assert.match(
      Object.keys(info)[0] ?? '',
      /effect="refused",cause="called_number_not_on_trunk",party="livekit_config",trunk="ST_1"/,
    );
    assert.deepEqual(await livekit.samples('sipwhy_predicted_incidents_open'), { '{effect="refused"}': 1 });
    await takesBack();
    assert.deepEqual(await livekit.samples('sipwhy_predicted_incidents_open'), {});
  });

  it('predicts the clash with an added trunk', async () => {
    const [first, ...more] = await livekit.change(({ inbound_trunks }) =>
      inbound_trunks.push(
        trunk({
          sip_trunk_id: 'ST_2',
          numbers: [CALLED],
          allowed_addresses: [SBC],
          auth_username: 'u',
          auth_password: 'pw',
        }),
      ),
    );
    assert.deepEqual([first?.effect, first?.cause, first?.kinds_hit, more.length], ['refused', 'trunk_conflict', 2, 0]);
    assert.deepEqual(first?.change.changes, ['trunk ST_2 was added']);
    assert.deepEqual(first?.take_back?.steps, ['Delete ST_2 "first".']);
    await takesBack();
  });

  it('predicts that calls from a removed address fail', async () => {
    const [first, ...more] = await livekit.change(({ inbound_trunks: [one] }) =>
      Object.assign(one ?? {}, { allowed_addresses: ['198.51.100.7'] }),
    );
    assert.deepEqual([first?.cause, first?.kinds_hit, more.length], ['source_address_not_allowed', 3, 0]);
    assert.equal(first?.traffic_share, 1);
    await takesBack();
  });

  it('tells that a removed password opens the trunk, and what must be set by hand', async () => {
    const [first, ...more] = await livekit.change(({ inbound_trunks: [one] }) =>
      Object.assign(one ?? {}, { auth_password: '' }),
    );
    assert.deepEqual(
      [first?.effect, first?.title, more.length],
      ['opened', 'ST_1 "first" no longer asks for a password', 0],
    );
    assert.deepEqual(first?.take_back?.by_hand, ['Set auth_password of ST_1 "first" by hand: sipwhy never stores it.']);
    assert.equal(first?.command, null);
    await takesBack();
  });

  it('predicts that calls reach another room and agent by a swapped rule', async () => {
    const [first, ...more] = await livekit.change((now) => {
      now.dispatch_rules = [
        rule({
          sip_dispatch_rule_id: 'SDR_9',
          rule: { dispatch_rule_individual: { room_prefix: 'sales-' } },
          room_config: AGENT,
        }),
      ];
    });
    assert.deepEqual([first?.effect, first?.kinds_hit, more.length], ['other_place', 3, 0]);
    assert.match(
      first?.summary ?? '',
      /Before: rooms call-…, no named agent, by SDR_1\. Now: rooms sales-…, agent sales, by SDR_9\./,
    );
    await takesBack();
  });

  it('closes when such calls connect under the change', async () => {
    const swapped = rule({
      sip_dispatch_rule_id: 'SDR_9',
      rule: { dispatch_rule_individual: { room_prefix: 'sales-' } },
    });
    const [first] = await livekit.change((now) => Object.assign(now, { dispatch_rules: [swapped] }));
    assert.equal(first?.kinds_hit, 3);
    await livekit.connect();
    await livekit.connect({ from: '+15550142' });
    await livekit.connect({ to: OTHER_NUMBER });
    assert.deepEqual(await livekit.change(() => {}), []);
    assert.deepEqual(
      (await livekit.predicted('closed')).map((one) => one.closed_because),
      ['calls_connected'],
    );
  });

  it('is accepted by hand, and not predicted again', async () => {
    const [first] = await livekit.change(({ inbound_trunks: [one] }) =>
      Object.assign(one ?? {}, { numbers: [CALLED] }),
    );
    const url = `/api/v1/incidents/predicted/${first?.id}/resolve`;
    const resolve = () => livekit.app.http.inject({ method: 'POST', url, payload: { by: 'Ann' } });
    const answer = await resolve();
    assert.equal(answer.statusCode, 200, answer.body);
    assert.equal(answer.json().closed_text, 'Closed by hand, by Ann.');
    assert.equal((await resolve()).statusCode, 409);
    assert.deepEqual(await livekit.change(() => {}), []);
    assert.deepEqual(await livekit.samples('sipwhy_predicted_incidents_open'), {});
  });

  it('is accepted with all of its calls, also those that are not listed', async () => {
    for (let i = 0; i < 25; i += 1) {
      await livekit.change(({ inbound_trunks: [one] }) => {
        const { numbers } = one as { numbers: string[] };
        Object.assign(one ?? {}, { numbers: [...numbers, `+1555020${i}`] });
      });
      await livekit.connect({ to: `+1555020${i}` });
    }
    const [first] = await livekit.change(({ inbound_trunks: [one] }) =>
      Object.assign(one ?? {}, { numbers: ['+15550199'] }),
    );
    assert.deepEqual([first?.kinds_hit, first?.kinds.length], [28, 20]);
    const url = `/api/v1/incidents/predicted/${first?.id}/resolve`;
    assert.equal((await livekit.app.http.inject({ method: 'POST', url, payload: {} })).statusCode, 200);
    assert.deepEqual(await livekit.change(({ inbound_trunks: [one] }) => Object.assign(one ?? {}, { name: 'x' })), []);
  });

  it('has the numbers and the fix of now, whatever else changes since', async () => {
    await livekit.change(({ inbound_trunks: [one] }) =>
      Object.assign(one ?? {}, { allowed_addresses: ['198.51.100.7'] }),
    );
    const [before] = await livekit.predicted();
    const [after] = await livekit.change(({ inbound_trunks: [one] }) => Object.assign(one ?? {}, { name: 'renamed' }));
    assert.equal(after?.id, before?.id);
    assert.match(before?.fix?.action ?? '', /"first"/);
    assert.match(after?.fix?.action ?? '', /"renamed"/);
  });

  it('outlives a restart, and closes after it', async () => {
    await livekit.change(({ inbound_trunks: [one] }) => Object.assign(one ?? {}, { numbers: [CALLED] }));
    await livekit.restart();
    assert.equal((await livekit.predicted()).length, 1);
    await takesBack();
  });

  it('knows after a restart which calls connected before it', async () => {
    await livekit.restart();
    const open = await livekit.change(({ inbound_trunks: [one] }) =>
      Object.assign(one ?? {}, { allowed_numbers: [CALLER] }),
    );
    assert.deepEqual(
      open.map(({ cause, kinds_hit }) => [cause, kinds_hit]),
      [['caller_not_allowed', 1]],
    );
  });

  it('tells 404 for an unknown id and 400 for an unknown state', async () => {
    const { http } = livekit.app;
    assert.equal((await http.inject('/api/v1/incidents/predicted/none')).statusCode, 404);
    assert.equal(
      (await http.inject({ method: 'POST', url: '/api/v1/incidents/predicted/none/resolve', payload: {} })).statusCode,
      404,
    );
    assert.equal((await http.inject('/api/v1/incidents/predicted?state=other')).statusCode, 400);
  });
});
