import type {
  Example,
  ExampleCall,
  ExampleDial,
  ExampleResponse,
  ExampleRoom,
  ExampleSeries,
} from '../src/core/diagnose/causeExample.ts';

/** Examples as a table: what each one shows, the call, LiveKit's configuration, and the verdict. */
export function exampleTable(examples: readonly Example[]): string {
  const rows = examples.map(
    (example) => `| ${example.shows} | ${callWords(example)} | ${liveKitWords(example)} | ${verdictWords(example)} |`,
  );
  return ['| example | the call | LiveKit | verdict |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const LOST: Readonly<Record<NonNullable<ExampleCall['lost']>, string>> = {
  final: 'the leg’s last webhook is lost, and only the dial hook reports its end',
  ringing: 'the ringing webhooks are lost',
  caller: 'no webhook reports the caller',
};

const ROOM: Readonly<Record<keyof ExampleRoom, string>> = {
  started: 'room started',
  callerJoined: 'caller joined',
  callerAborted: 'the caller failed to get into the room',
  jobStarted: 'job started',
  agentJoined: 'agent joined',
  agentPublished: 'agent published audio',
  callerMoved: 'caller left (MIGRATION) and came back',
  roomDeleted: 'caller left, room deleted',
  callerLeft: 'caller left',
  agentLeft: 'agent left',
  callerLost: 'caller left',
  agentLost: 'agent left',
  finished: 'room finished',
};

function callWords({ call, alike = [], earlier = [], meanwhile = [] }: Example): string {
  const words = [...earlier.map(seriesWords), dialWords(call, alike)];
  if (call.leg === 'caller') words.unshift('the caller’s own leg');
  if (call.leg === 'rest') words.unshift('made through the REST API');
  if (call.lost) words.push(LOST[call.lost]);
  const { room } = call;
  if (room) {
    // The cast: the keys of ROOM are those of a room.
    const reported = (Object.keys(ROOM) as (keyof ExampleRoom)[]).flatMap((key) => {
      const at = room[key];
      if (at === undefined) return [];
      return typeof at === 'number' ? `${ROOM[key]} ${seconds(at)}` : `${ROOM[key]} ${seconds(at[1])} (${code(at[0])})`;
    });
    words.push(`LiveKit’s webhooks: ${reported.join(', ')}`);
  }
  for (const { error, at } of call.transfers ?? []) {
    const result = error ? `a failed transfer (${code(error.message)})` : 'a transfer that succeeded';
    words.push(`the agent reports ${result} after ${seconds(at)}`);
  }
  if (meanwhile.length > 0) words.push(`at the same time: ${meanwhile.map((dial) => dialWords(dial)).join(', ')}`);
  return words.join('; ');
}

function seriesWords({ calls, from, every, callerHungUpAt }: ExampleSeries): string {
  return `${calls} calls from ${seconds(from)} on, one every ${seconds(every)}, whose callers hung up after ${seconds(callerHungUpAt)}`;
}

function dialWords(dial: ExampleDial, alike: readonly ExampleResponse[] = []): string {
  const words: string[] = [];
  if (dial.to !== undefined) words.push(`to ${code(dial.to)}`);
  if (dial.tag) words.push(`tag ${code(dial.tag)}`);
  if (dial.ringing === 'every second') words.push('180 every second');
  else if (dial.ringing?.length === 1) words.push('one 180');
  else if (dial.ringing) words.push(`${dial.ringing.length} times 180`);
  if (dial.answeredAt !== undefined) words.push(`answered after ${seconds(dial.answeredAt)}`);
  if (dial.farEndHungUpAt !== undefined) {
    words.push(`ended from the far end’s side after ${seconds(dial.farEndHungUpAt)}`);
    if (dial.callerStaysMs !== undefined) words.push(`the caller’s leg went on for ${seconds(dial.callerStaysMs)}`);
  } else if (dial.response) words.push([dial.response, ...alike].map(responseWords).join(' or '));
  else if (dial.callerHungUpAt !== undefined) words.push(`the caller hung up after ${seconds(dial.callerHungUpAt)}`);
  else if (dial.dialGaveUpAt !== undefined) words.push(`the dial timed out after ${seconds(dial.dialGaveUpAt)}`);
  else words.push('no further webhook');
  return words.join(', ');
}

function responseWords([status, phrase, at]: ExampleResponse): string {
  return `${code(`${status} ${phrase}`)} after ${seconds(at)}`;
}

function liveKitWords({ livekit, settings }: Example): string {
  const lists = livekit
    ? Object.entries(livekit).map(([name, list]) => `${name} ${code(list)}`)
    : ['unknown configuration'];
  const set = Object.entries(settings ?? {}).map(([name, value]) => `${variableOf(name)} ${code(value)}`);
  return [...(lists.length > 0 ? lists : ['a trunk and a rule that accept the call']), ...set].join('; ');
}

/** The environment variable for a setting of a recorded case. */
function variableOf(setting: string): string {
  return setting === 'sbc_addresses' ? 'JAMBONZ_SBC_ADDRESSES' : setting.toUpperCase();
}

function verdictWords({ want }: Example): string {
  const { blocking, confidence, latent = [], alternatives = [], findings = [] } = want;
  if (blocking.length === 0) return 'connected';
  const isConnected = want.outcome === 'connected' ? 'connected; ' : '';
  const words = [`${isConnected}${ids(blocking)}, ${confidence}`];
  if (latent.length > 0) words.push(`next blockers ${ids(latent)}`);
  if (alternatives.length > 0) words.push(`not ruled out ${ids(alternatives)}`);
  if (findings.length > 0) words.push(`findings ${ids(findings)}`);
  return words.join('; ');
}

const ids = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
