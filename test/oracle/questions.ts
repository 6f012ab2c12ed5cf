import { randomEntry, randomFromHost, randomSource } from './addresses.ts';
import { numberSource, randomNumber } from './oracleNumbers.ts';
import type { Random } from './random.ts';

const PINS = ['1234', '9999', '0000', '１２３４', ' '] as const;
const ROOMS = [
  'call-',
  'room',
  'a',
  'A',
  'b',
  'é',
  'z',
  '日本',
  // Beyond the basic plane: UTF-16 puts it before the next one, UTF-8 behind it.
  '😀',
  '\uff5e',
  '\ue000',
  'a😀',
  'a\uff5e',
  'call-\u0000',
] as const;

/** A question to LiveKit's matching, in the form that `sipwhy match` reads. */
export function randomQuestion(random: Random): object {
  const kind = random.fraction();
  if (kind < 0.1) return { kind: 'normalize', input: randomNumber(random) };
  return kind < 0.6 ? trunkQuestion(random) : dispatchQuestion(random);
}

function trunkQuestion(random: Random) {
  const called = numberSource(random);
  const caller = numberSource(random);
  return {
    kind: 'trunk',
    ...(random.chance(0.8) && { strict_addresses: random.chance(0.5) }),
    call: {
      from_user: caller(),
      from_host: randomFromHost(random),
      to_user: called(),
      source_ip: randomSource(random),
    },
    trunks: Array.from({ length: random.below(6) }, () => ({
      sip_trunk_id: idOf(random, 'ST'),
      ...lists(random, { numbers: () => numbers(random, called), allowed_numbers: () => numbers(random, caller) }),
      ...lists(random, { allowed_addresses: () => random.list(4, () => randomEntry(random)) }),
      ...(random.chance(0.2) && { name: 'a trunk', auth_username: 'u', auth_password: 'p' }),
    })),
  };
}

function dispatchQuestion(random: Random) {
  const called = numberSource(random);
  const caller = numberSource(random);
  return {
    kind: 'dispatch',
    ...(random.chance(0.9) && { sip_trunk_id: random.chance(0.15) ? '' : idOf(random, 'ST') }),
    call: {
      from_user: caller(),
      to_user: called(),
      pin: random.chance(0.4) ? random.pick(PINS) : '',
      no_pin: random.chance(0.2),
    },
    rules: Array.from({ length: random.below(7) }, () => ({
      sip_dispatch_rule_id: idOf(random, 'SDR'),
      ...ruleOf(random),
      ...lists(random, {
        trunk_ids: () => random.list(2, () => idOf(random, 'ST')),
        inbound_numbers: () => few(random, caller),
        numbers: () => few(random, called),
      }),
    })),
  };
}

/** Of few different ones, so that ids come twice. */
function idOf(random: Random, prefix: string): string {
  return random.chance(0.02) ? '' : `${prefix}_${random.below(5)}`;
}

function numbers(random: Random, number: () => string): string[] {
  const list = random.list(4, number);
  // The same entry again, as written: people paste lists twice.
  if (list[0] !== undefined && random.chance(0.15)) list.push(list[0]);
  return list;
}

/** Mostly no list, or one entry: rules with long lists hardly ever match and nearly always clash. */
function few(random: Random, number: () => string): string[] {
  return random.chance(0.5) ? [] : random.list(2, number);
}

/** Each list left out, null or given; LiveKit takes all three. */
function lists(random: Random, makers: Record<string, () => string[]>): Record<string, string[] | null> {
  const made: Record<string, string[] | null> = {};
  for (const [field, make] of Object.entries(makers)) {
    const list = make();
    if (list.length > 0 || random.chance(0.3)) made[field] = list;
    else if (random.chance(0.1)) made[field] = null;
  }
  return made;
}

function ruleOf(random: Random): object {
  // A rule of no kind makes LiveKit refuse the whole set.
  if (random.chance(0.01)) return random.pick<object>([{}, { rule: {} }, { rule: null }]);
  const pin = random.chance(0.35) ? { pin: random.pick(PINS) } : random.chance(0.2) ? { pin: '' } : {};
  const room = random.chance(0.8) ? random.pick(ROOMS) : undefined;
  const named = (field: string) => ({ ...(room !== undefined && { [field]: room }), ...pin });
  return {
    rule: random.pick<object>([
      { dispatch_rule_direct: named('room_name') },
      { dispatch_rule_individual: named('room_prefix') },
      { dispatch_rule_callee: named('room_prefix') },
    ]),
  };
}
