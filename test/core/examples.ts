import type {
  Example,
  ExampleCall,
  ExampleConfiguration,
  ExampleDial,
  ExampleRoom,
} from '../../src/core/diagnose/causeExample.ts';
import type { Explanation } from '../../src/core/explain/explanation.ts';
import { agent, agentAudio, caller, jobStarted, roomFinished } from './livekitScenario.ts';
import {
  A_LEG,
  aLeg,
  B_LEG,
  BEGIN_MS,
  CALLER,
  explain,
  restLeg,
  rule,
  type Setting,
  trunk,
  type Webhook,
  webhooksOf,
  withoutFinal,
  withoutRinging,
} from './scenario.ts';

/** What the service says of an example: its webhooks, made as Jambonz and LiveKit send them, through the real stages. */
export function explainExample({ call, livekit, settings, meanwhile = [] }: Example): Explanation {
  const setting: Setting = { ...settings, ...(livekit && { livekit: configurationOf(livekit) }) };
  const webhooks = [...webhooksOfCall(call), ...meanwhile.flatMap(webhooksMeanwhile)];
  const legs = explain(
    webhooks.toSorted((a, b) => a.at_ms - b.at_ms),
    setting,
  );
  const mine = legs.filter(({ call_sid }) => call_sid === B_LEG || call_sid === A_LEG);
  const [only, ...more] = mine;
  if (!only || more.length > 0) throw new Error(`expected one attempt, got ${mine.length}`);
  return only;
}

function configurationOf({ trunks = [{}], rules = [{}] }: ExampleConfiguration): NonNullable<Setting['livekit']> {
  return {
    inbound_trunks: trunks.map((fields, i) =>
      trunk({ sip_trunk_id: `ST_${i + 1}`, name: `trunk ${i + 1}`, ...fields }),
    ),
    dispatch_rules: rules.map((fields, i) => rule({ sip_dispatch_rule_id: `SDR_${i + 1}`, ...fields })),
  };
}

function webhooksOfCall({ leg, lost, room, ...dial }: ExampleCall): Webhook[] {
  if (leg !== undefined) return ownLeg(leg, dial);
  const delivered = room ? webhooksOfRoom(room) : [];
  if (lost === 'final') return [...withoutFinal(dial), ...delivered];
  if (lost === 'ringing') return [...withoutRinging(dial), ...delivered];
  const webhooks = [...webhooksOf(dial), ...delivered];
  return lost === 'caller' ? webhooks.map(withoutCaller) : webhooks;
}

function ownLeg(leg: 'caller' | 'rest', { to, response }: ExampleDial): Webhook[] {
  const one = leg === 'caller' ? aLeg : restLeg;
  const more = to === undefined ? {} : { to };
  const begun = one(0, 100, 'Trying', 'trying', more);
  if (!response) return [begun];
  const [status, phrase, at] = response;
  const callStatus = status === 486 ? 'busy' : status === 487 ? 'no-answer' : 'failed';
  return [begun, one(at, status, phrase, callStatus, more)];
}

function withoutCaller(webhook: Webhook): Webhook {
  return { ...webhook, body: (webhook.body ?? '').replace(`"from":"${CALLER}",`, '') };
}

/** Another call at the same time, with ids of its own. */
function webhooksMeanwhile(dial: ExampleDial, i: number): Webhook[] {
  return webhooksOf(dial).map((webhook) => ({
    ...webhook,
    body: (webhook.body ?? '')
      .replaceAll(A_LEG, `meanwhile-${i}-a`)
      .replaceAll(B_LEG, `meanwhile-${i}-b`)
      .replaceAll('a-leg@', `meanwhile-${i}-a@`)
      .replaceAll('b-leg@', `meanwhile-${i}-b@`),
  }));
}

function webhooksOfRoom(room: ExampleRoom): Webhook[] {
  const isPublisher = room.agentPublished !== undefined;
  const delivered: [number | undefined, (at: number) => Webhook][] = [
    [room.callerJoined, (at) => caller(at, 'participant_joined')],
    [room.callerAborted, (at) => caller(at, 'participant_connection_aborted')],
    [room.jobStarted, jobStarted],
    [room.agentJoined, (at) => agent(at, 'participant_joined')],
    [room.agentPublished, agentAudio],
    [room.roomDeleted, (at) => caller(at, 'participant_left', {}, { disconnectReason: 'ROOM_DELETED' })],
    [room.callerLeft, (at) => caller(at, 'participant_left', {}, { disconnectReason: 'CLIENT_INITIATED' })],
    [
      room.agentLeft,
      (at) =>
        agent(at, 'participant_left', { disconnectReason: 'CLIENT_INITIATED', ...(isPublisher && { isPublisher }) }),
    ],
    [room.callerLost?.[1], (at) => caller(at, 'participant_left', {}, { disconnectReason: room.callerLost?.[0] })],
    [
      room.agentLost?.[1],
      (at) => agent(at, 'participant_left', { disconnectReason: room.agentLost?.[0], isPublisher }),
    ],
    [room.finished, roomFinished],
  ];
  return delivered.flatMap(([at, make]) => (at === undefined ? [] : [make(BEGIN_MS + at)]));
}
