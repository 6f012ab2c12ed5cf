import type {
  Example,
  ExampleCall,
  ExampleConfiguration,
  ExampleDial,
  ExampleRoom,
  ExampleSeries,
} from '../../src/core/diagnose/causeExample.ts';
import type { Explanation } from '../../src/core/explain/explanation.ts';
import {
  agent,
  agentAudio,
  caller,
  jobStarted,
  roomFinished,
  roomStarted,
  transferReported,
} from './livekitScenario.ts';
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
export function explainExample(example: Example): Explanation {
  const { livekit, settings } = example;
  const setting: Setting = { ...settings, ...(livekit && { livekit: configurationOf(livekit) }) };
  const legs = explain(webhooksOfExample(example), setting);
  const mine = legs.filter(({ call_sid }) => call_sid === B_LEG || call_sid === A_LEG);
  const [only, ...more] = mine;
  if (!only || more.length > 0) throw new Error(`expected one attempt, got ${mine.length}`);
  return only;
}

/** The webhooks of an example's calls, in the order of their times. */
export function webhooksOfExample({
  call,
  earlier = [],
  meanwhile = [],
}: Pick<Example, 'call' | 'earlier' | 'meanwhile'>): Webhook[] {
  const others = [...earlier.flatMap(webhooksOfSeries), ...meanwhile.flatMap(webhooksMeanwhile)];
  return [...webhooksOfCall(call), ...others].toSorted((a, b) => a.at_ms - b.at_ms);
}

function configurationOf({ trunks = [{}], rules = [{}] }: ExampleConfiguration): NonNullable<Setting['livekit']> {
  return {
    inbound_trunks: trunks.map((fields, i) =>
      trunk({ sip_trunk_id: `ST_${i + 1}`, name: `trunk ${i + 1}`, ...fields }),
    ),
    dispatch_rules: rules.map((fields, i) => rule({ sip_dispatch_rule_id: `SDR_${i + 1}`, ...fields })),
  };
}

function webhooksOfCall({ leg, lost, room, transfers = [], ...dial }: ExampleCall): Webhook[] {
  if (leg !== undefined) return ownLeg(leg, dial);
  const reports = transfers.map(({ error, at }) => transferReported(BEGIN_MS + at, error));
  const delivered = [...(room ? webhooksOfRoom(room) : []), ...reports];
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
  return webhooksOf(dial).map((webhook) => ofOtherCall(webhook, `meanwhile-${i}`));
}

/** Earlier calls that the agent answered with its audio, each in a room of its own. */
function webhooksOfSeries({ calls, from, every, callerHungUpAt }: ExampleSeries, series: number): Webhook[] {
  const room = { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: callerHungUpAt + 20 };
  const one = webhooksOfCall({
    ringing: [90],
    answeredAt: 200,
    callerHungUpAt,
    room: { ...room, agentLeft: callerHungUpAt + 700 },
  });
  return Array.from({ length: calls }, (_, i) =>
    one.map((webhook) => ({
      ...ofOtherCall(webhook, `earlier-${series}-${i}`),
      at_ms: webhook.at_ms + from + i * every,
    })),
  ).flat();
}

/** The webhook as one of another call: with ids of its own. */
function ofOtherCall(webhook: Webhook, name: string): Webhook {
  const body = (webhook.body ?? '')
    .replaceAll(A_LEG, `${name}-a`)
    .replaceAll(B_LEG, `${name}-b`)
    .replaceAll('a-leg@', `${name}-a@`)
    .replaceAll('b-leg@', `${name}-b@`)
    .replaceAll(/"(RM|PA|TR|EV|AJ)_/g, `"$1_${name}-`);
  return { ...webhook, body };
}

function webhooksOfRoom(room: ExampleRoom): Webhook[] {
  // Whoever comes back after a move has another sid.
  const back = room.callerMoved !== undefined ? { sid: 'PA_sip_back' } : {};
  const callerLeaves = (at: number, disconnectReason: string | undefined) =>
    caller(at, 'participant_left', {}, { ...back, disconnectReason });
  const isPublisher = room.agentPublished !== undefined;
  const delivered: [number | undefined, (at: number) => Webhook][] = [
    [room.started, roomStarted],
    [room.callerJoined, (at) => caller(at, 'participant_joined')],
    [room.callerAborted, (at) => caller(at, 'participant_connection_aborted')],
    [room.jobStarted, jobStarted],
    [room.agentJoined, (at) => agent(at, 'participant_joined')],
    [room.agentPublished, agentAudio],
    [room.callerMoved, (at) => caller(at, 'participant_left', {}, { disconnectReason: 'MIGRATION' })],
    [room.callerMoved, (at) => caller(at + 400, 'participant_joined', {}, back)],
    [room.roomDeleted, (at) => callerLeaves(at, 'ROOM_DELETED')],
    [room.callerLeft, (at) => callerLeaves(at, 'CLIENT_INITIATED')],
    [
      room.agentLeft,
      (at) =>
        agent(at, 'participant_left', { disconnectReason: 'CLIENT_INITIATED', ...(isPublisher && { isPublisher }) }),
    ],
    [room.callerLost?.[1], (at) => callerLeaves(at, room.callerLost?.[0])],
    [
      room.agentLost?.[1],
      (at) => agent(at, 'participant_left', { disconnectReason: room.agentLost?.[0], isPublisher }),
    ],
    [room.finished, roomFinished],
  ];
  return delivered.flatMap(([at, make]) => (at === undefined ? [] : [make(BEGIN_MS + at)]));
}
