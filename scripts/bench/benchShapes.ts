import { parseTrunk } from '../../src/core/trunks/readSnapshot.ts';
import type { InboundTrunk } from '../../src/core/trunks/snapshot.ts';

export interface BenchCall {
  readonly called: string;
  readonly caller: string;
  readonly source: string;
}

/** A kind of configuration and call: its trunk number `i`, and a call for trunk `i`. */
export interface Shape {
  readonly name: string;
  /** Whether many trunks have the same number. That is unusual, and these trunks are checked one by one. */
  readonly isCrowded: boolean;
  trunk(i: number): InboundTrunk;
  call(i: number): BenchCall;
}

const SHARED = '+4930123456';
const CALLER = '+15550001111';
const SBC = '203.0.113.7';

/** The typical trunk: its own number, the SBC's address, and sometimes a list of callers. */
const typical = (i: number) =>
  trunk(i, {
    numbers: [numberOf(i)],
    allowed_addresses: [SBC],
    ...(i % 5 === 0 && { allowed_numbers: [CALLER, '+15550002222'] }),
  });

export const SHAPES: readonly Shape[] = [
  { name: 'called number on one trunk', isCrowded: false, trunk: typical, call: (i) => callTo(numberOf(i)) },
  { name: 'called number on none', isCrowded: false, trunk: typical, call: (i) => callTo(`+99${i}000000`) },
  {
    name: 'alike in form: no country code',
    isCrowded: false,
    trunk: typical,
    call: (i) => callTo(numberOf(i).slice(3)),
  },
  {
    name: 'alike in form: 00 instead of +',
    isCrowded: false,
    trunk: typical,
    call: (i) => callTo(`00${numberOf(i).slice(1)}`),
  },
  { name: 'all defaults, all open: a clash', isCrowded: true, trunk: (i) => trunk(i, {}), call: () => callTo(SHARED) },
  {
    name: 'all defaults, each for one address',
    isCrowded: true,
    trunk: (i) => trunk(i, { allowed_addresses: [addressOf(i)] }),
    call: (i) => ({ ...callTo(SHARED), source: addressOf(i) }),
  },
  {
    name: 'all defaults, each for one block of its own size',
    isCrowded: true,
    trunk: (i) => trunk(i, { allowed_addresses: [`${addressOf(i)}/${16 + (i % 17)}`] }),
    call: (i) => ({ ...callTo(SHARED), source: addressOf(i) }),
  },
  {
    name: 'all on one number, all open: a clash',
    isCrowded: true,
    trunk: (i) => trunk(i, { numbers: [SHARED] }),
    call: () => callTo(SHARED),
  },
  {
    name: 'all on one number, each for one caller',
    isCrowded: true,
    trunk: (i) => trunk(i, { numbers: [SHARED], allowed_numbers: [numberOf(i)] }),
    call: (i) => ({ ...callTo(SHARED), caller: numberOf(i) }),
  },
  {
    name: 'all on one number, none for the caller',
    isCrowded: true,
    trunk: (i) => trunk(i, { numbers: [SHARED], allowed_numbers: [numberOf(i)] }),
    call: () => callTo(SHARED),
  },
  {
    name: 'all on one number and caller, each for one address',
    isCrowded: true,
    trunk: (i) => trunk(i, { numbers: [SHARED], allowed_numbers: [CALLER], allowed_addresses: [addressOf(i)] }),
    call: (i) => ({ ...callTo(SHARED), source: addressOf(i) }),
  },
  {
    name: 'all on one number, half fail by caller, half by address',
    isCrowded: true,
    trunk: (i) =>
      trunk(i, { numbers: [SHARED], ...(i % 2 ? { allowed_numbers: ['+1'] } : { allowed_addresses: [addressOf(i)] }) }),
    call: () => callTo(SHARED),
  },
  {
    name: 'all on one number in another form',
    isCrowded: true,
    trunk: (i) => trunk(i, { numbers: [SHARED], allowed_addresses: [addressOf(i)] }),
    call: () => callTo('030123456'),
  },
  {
    name: 'called number on one trunk, each for one address',
    isCrowded: false,
    trunk: (i) => trunk(i, { numbers: [numberOf(i)], allowed_addresses: [addressOf(i)] }),
    call: (i) => callTo(numberOf(i)),
  },
  {
    name: 'long lists: 10 numbers, 10 callers, 5 addresses',
    isCrowded: false,
    trunk: (i) =>
      trunk(i, {
        numbers: many(10, (n) => numberOf(i * 10 + n)),
        allowed_numbers: many(10, (n) => `+1555${i}${n}`),
        allowed_addresses: many(5, (n) => addressOf(i * 5 + n)),
      }),
    call: (i) => callTo(`00${numberOf(i * 10 + 9).slice(1)}`),
  },
];

function trunk(i: number, lists: object): InboundTrunk {
  // As read from an API: text that was put together from pieces is slower.
  return parseTrunk(JSON.parse(JSON.stringify({ sip_trunk_id: `ST_${i}`, ...lists })));
}

function callTo(called: string): BenchCall {
  return { called, caller: CALLER, source: SBC };
}

function numberOf(i: number): string {
  return `+49${(1_000_000_000 + i * 7919).toString()}`;
}

function addressOf(i: number): string {
  return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
}

function many(count: number, of: (n: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => of(n));
}
