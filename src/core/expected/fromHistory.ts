import { userPartOf } from '../call/sipUri.ts';
import { LONGEST } from '../check/questionLimits.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { agentNamesOf } from '../trunks/agents.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { LONGEST_NAME, LONGEST_PLACE, MOST_ENTRIES } from './expectedFile.ts';
import { type Outcome, outcomeOf } from './judgeExpected.ts';

/** A call that connected. */
export interface ConnectedCall {
  readonly from: string | null;
  readonly to: string | null;
  /** Id of its trunk; `none` or `unknown` if it has none. */
  readonly trunk: string;
}

/** How many callers of a group become examples. */
const EXAMPLES = 5;
/** Room for ` (1000)` after a name. */
const COUNT_LENGTH = 7;

/** Calls with the same called number and trunk, which the configuration takes in the same way now. */
interface Group {
  readonly to: string;
  readonly trunk: string;
  readonly auth: string | undefined;
  readonly srtp: true | undefined;
  readonly outcome: Outcome;
  readonly callers: Set<string>;
  calls: number;
}

/**
 * A first file of expected calls, in YAML: what connected must connect to where the configuration takes it now. What it
 * would not take, or not for certain, becomes a comment that says why. `undefined` if no call has a trunk.
 */
export function fileFromHistory(site: Site, snapshot: Snapshot, calls: readonly ConnectedCall[]): string | undefined {
  const groups = groupsOf(site, snapshot, calls);
  if (groups.length === 0) return undefined;
  const names = new Set<string>();
  const without = calls.length - groups.reduce((sum, group) => sum + group.calls, 0);
  const entries = groups.slice(0, MOST_ENTRIES).map((group) => entryOf(group, nameOf(group, snapshot, names)));
  const isEmpty = groups.every(({ outcome }) => outcome.kind !== 'connected');
  return [
    `# Expected calls, from ${calls.length} calls that connected, for LiveKit’s configuration as it is now.`,
    '# Delete what need not work, and add calls that must be refused (expect: refused). Then run',
    '# `sipwhy test FILE --config trunks.json` before each change, and set EXPECTED_CALLS_FILE for the service.',
    ...(without > 0 ? [`# ${without} calls without a trunk of LiveKit, or without a number, are left out.`] : []),
    ...(groups.length > MOST_ENTRIES ? [`# ${groups.length - MOST_ENTRIES} rarer kinds of calls are left out.`] : []),
    isEmpty ? 'calls: []' : 'calls:',
    ...entries.flat(),
    '',
  ].join('\n');
}

/** The commonest first. */
function groupsOf(site: Site, snapshot: Snapshot, calls: readonly ConnectedCall[]): Group[] {
  const groups = new Map<string, Group>();
  const known = new Map<string, Group>();
  for (const { from, to, trunk } of calls) {
    if (to === null || trunk === 'none' || trunk === 'unknown') continue;
    const called = userPartOf(to);
    const caller = from === null ? undefined : userPartOf(from) || undefined;
    if (called === '' || called.length > LONGEST.to || (caller?.length ?? 0) > LONGEST.caller) continue;
    const key = JSON.stringify([called, trunk, caller]);
    let group = known.get(key);
    if (!group) {
      const judged = judgedNow(site, snapshot, called, trunk, caller);
      const ofSame = JSON.stringify([called, trunk, judged.auth, judged.srtp, placeOf(judged.outcome)]);
      group = groups.get(ofSame) ?? { to: called, trunk, ...judged, callers: new Set(), calls: 0 };
      groups.set(ofSame, group);
      known.set(key, group);
    }
    group.calls += 1;
    if (caller !== undefined) group.callers.add(caller);
  }
  return [...groups.values()].sort((a, b) => b.calls - a.calls);
}

/** Credentials and SRTP are as the trunk requires them, because the call connected. */
function judgedNow(site: Site, snapshot: Snapshot, to: string, trunkId: string, from: string | undefined) {
  const trunk = snapshot.trunksById.get(trunkId);
  const auth = trunk?.has_password && trunk.auth_username !== '' ? trunk.auth_username : undefined;
  const asked = { to, ...(auth !== undefined && { auth }) };
  const outcome = outcomeOf(site, snapshot, asked, from);
  if (outcome.kind !== 'unknown') return { auth, srtp: undefined, outcome };
  const encrypted = outcomeOf(site, snapshot, { ...asked, srtp: true }, from);
  return encrypted.kind === 'connected'
    ? { auth, srtp: true as const, outcome: encrypted }
    : { auth, srtp: undefined, outcome };
}

function placeOf(outcome: Outcome): unknown {
  switch (outcome.kind) {
    case 'connected':
      return [outcome.trunk?.sip_trunk_id, outcome.rule.sip_dispatch_rule_id];
    case 'refused':
      return outcome.causes.map(({ id }) => id);
    case 'unknown':
      return outcome.open;
  }
}

/** The trunk’s name. A name becomes a label of a metric, so no number is in it. */
function nameOf({ trunk }: Group, snapshot: Snapshot, taken: Set<string>): string {
  const plain = oneLine(snapshot.trunksById.get(trunk)?.name.trim() || trunk).slice(0, LONGEST_NAME - COUNT_LENGTH);
  let name = plain;
  for (let count = 2; taken.has(name); count += 1) name = `${plain} (${count})`;
  taken.add(name);
  return name;
}

function entryOf({ to, trunk, auth, srtp, outcome, callers }: Group, name: string): string[] {
  const examples = [...callers].slice(0, EXAMPLES);
  const lines = [
    `  - name: ${scalar(name)}`,
    `    to: ${scalar(to)}`,
    ...(examples.length === 0 ? [] : ['    from:', ...examples.map((caller) => `      - ${scalar(caller)}`)]),
    ...(auth === undefined ? [] : [`    auth: ${scalar(auth)}`]),
    ...(srtp ? ['    srtp: true'] : []),
  ];
  if (outcome.kind !== 'connected') {
    const why =
      outcome.kind === 'refused'
        ? `is refused now: ${outcome.causes.map(({ id, title }) => `${id}: ${title}`).join('; ')}`
        : `may not connect now; unknown: ${outcome.open.join('; ')}`;
    return [`  # ${oneLine(why)}`, ...[...lines, '    expect: connected'].map((line) => `  #${line.slice(1)}`)];
  }
  const { trunk: reached, rule } = outcome;
  const [agent] = agentNamesOf(rule);
  return [
    ...(reached?.sip_trunk_id === trunk ? [] : [`  # Connected through ${scalar(trunk)}, which no longer takes it.`]),
    ...lines,
    '    expect:',
    ...(reached ? [`      trunk: ${scalar(reached.sip_trunk_id)}${noteOf(reached.name)}`] : []),
    `      rule: ${scalar(rule.sip_dispatch_rule_id)}${noteOf(rule.name)}`,
    ...(rule.room === '' ? [] : [`      room_prefix: ${scalar(rule.room.slice(0, LONGEST_PLACE))}`]),
    ...(agent === undefined ? [] : [`      agent: ${scalar(agent)}`]),
  ];
}

function noteOf(name: string): string {
  return name === '' ? '' : ` # ${oneLine(name)}`;
}

/** Text in YAML. JSON's quotes are also YAML's. */
function scalar(text: string): string {
  return /^(ST|SDR)_\w+$/.test(text) ? text : JSON.stringify(text);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
