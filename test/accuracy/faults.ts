import { OTHER_FORMS } from './generatedNumbers.ts';
import { ELSEWHERE, newRule, newTrunk, setPassword, shuffled, type World } from './world.ts';

// What people get wrong, put into a world in which the call would get in. Each fault by itself stops the call.

/** In the order in which causes are named. */
export const FAULTS = ['host', 'called', 'source', 'caller', 'auth_missing', 'auth_rejected', 'dispatch'] as const;
export type Fault = (typeof FAULTS)[number];

/** Puts a fault into the world; returns the id of its cause. */
export function putIn(world: World, fault: Exclude<Fault, 'host'>): string {
  const { random, trunk } = world;
  switch (fault) {
    case 'called':
      putWrongNumber(world);
      return 'called_number_not_on_trunk';
    case 'source':
      trunk.allowed_addresses = random.pick([
        ELSEWHERE.slice(0, 1 + random.below(4)),
        ['198.51.100.0/24', '198.51.100.7 '],
        [random.pick(['10.1.2.3', '2001:db8:ffff::1'])],
        // A host name is compared with the From host, which no webhook tells.
        ['sip.carrier.example.net', ...ELSEWHERE.slice(0, random.below(2))],
      ]);
      return 'source_address_not_allowed';
    case 'caller':
      trunk.allowed_numbers = callersWithout(world);
      return 'caller_not_allowed';
    case 'auth_missing':
      setPassword(random, trunk);
      world.credentials = undefined;
      return 'auth_missing';
    case 'auth_rejected': {
      setPassword(random, trunk);
      const { auth_username: username, auth_password: password } = trunk;
      world.credentials = random.pick([
        { username, password: `${password}x` },
        { username: `${username}x`, password },
        { username: 'livekit', password: 'other' },
      ]);
      return 'auth_rejected';
    }
    case 'dispatch':
      return putDispatchFault(world);
  }
}

function putWrongNumber(world: World): void {
  const { random, numbers, trunk } = world;
  const international = `+${world.called.replace('+', '')}`;
  switch (random.pick(['other', 'other', 'name', 'international', 'national', 'local', 'blank'])) {
    case 'other':
      world.called = numbers.next();
      break;
    case 'name':
      world.called = `call-${random.below(2 ** 31).toString(16)}`;
      break;
    case 'international':
      world.called = OTHER_FORMS.international(international);
      break;
    case 'national':
      world.called = OTHER_FORMS.national(international);
      break;
    case 'local':
      world.called = OTHER_FORMS.local(international);
      break;
    case 'blank':
      // White space before the + makes it text, which is compared as written.
      trunk.numbers = trunk.numbers.map((number) => ` ${number.startsWith('+') ? '' : '+'}${number}`);
      break;
  }
}

function callersWithout({ random, numbers, trunk, caller }: World): string[] {
  const strangers = numbers.list(1, 3);
  if (caller === 'anonymous') return strangers;
  const international = `+${caller.replace('+', '')}`;
  return random.pick([
    strangers,
    // The trunk's own numbers, by a misunderstanding of the field.
    [...trunk.numbers],
    [...strangers, OTHER_FORMS.international(international)],
    [OTHER_FORMS.national(international)],
  ]);
}

function putDispatchFault({ random, numbers, configuration, rule, called, caller }: World): string {
  const others = configuration.dispatch_rules.filter((other) => other !== rule);
  switch (
    random.pick<'none' | 'other_trunk' | 'callers' | 'called' | 'form' | 'conflict'>([
      'none',
      'other_trunk',
      'callers',
      'called',
      'form',
      'conflict',
      'conflict',
    ])
  ) {
    case 'none':
      configuration.dispatch_rules = [];
      return 'no_dispatch_rule';
    case 'other_trunk':
      configuration.dispatch_rules = others.length > 0 ? others : [newRule(random, ['ST_gone'])];
      // A rule for every trunk is in reach, and lists other numbers.
      return others.some(({ trunk_ids }) => trunk_ids.length === 0)
        ? 'dispatch_rule_number_mismatch'
        : 'dispatch_rule_other_trunk';
    case 'callers':
      rule.inbound_numbers = numbers.list(1, 3);
      return 'dispatch_rule_number_mismatch';
    case 'called':
      rule.numbers = numbers.list(1, 3);
      return 'dispatch_rule_number_mismatch';
    case 'form':
      // A rule compares as written: the same number in another form is another number.
      if (random.chance(0.5) || caller === 'anonymous') {
        rule.numbers = [called.startsWith('+') ? called.slice(1) : `+${called}`];
      } else rule.inbound_numbers = [caller.startsWith('+') ? caller.slice(1) : `+${caller}`];
      return 'dispatch_rule_number_mismatch';
    case 'conflict':
      configuration.dispatch_rules.push({
        ...newRule(random, [...rule.trunk_ids]),
        inbound_numbers: rule.inbound_numbers,
        numbers: rule.numbers,
      });
      return 'dispatch_rule_conflict';
  }
}

/** A second trunk that takes the same call. */
export function putConflict({ random, numbers, configuration, trunk, caller, called }: World): void {
  const isDefault = random.chance(0.4);
  if (isDefault) trunk.numbers = [];
  const number = `+${called.replace('+', '')}`;
  const twin = newTrunk(random, 'twin', isDefault ? [] : [...numbers.list(0, 1), numbers.spelled(number)]);
  twin.auth_username = trunk.auth_username;
  twin.auth_password = trunk.auth_password;
  if (caller !== 'anonymous' && random.chance(0.5)) twin.allowed_numbers = [caller];
  configuration.inbound_trunks = shuffled(random, [...configuration.inbound_trunks, twin]);
}
