import type { Random } from './random.ts';

const HOSTS = [
  '',
  'sip.example.com',
  'SIP.example.com',
  'example.com',
  'münchen.example',
  '1.2.3',
  '1.2.3.4.5',
  '[',
  ']',
  '[]',
  '/',
  '/8',
  'sip.example.com/24',
  '1.2.3.4:5060',
  '%eth0',
  '0x7f.1',
  '256.1.1.1',
  '1.2.3.04',
  '٤.1.1.1',
  ':',
  ':::',
  '.',
] as const;

const IGNORED = [
  '10.1.2.3,10.1.2.4',
  'sip://10.1.2.3',
  '10.1.2.3;transport=udp',
  '(10.1.2.3)',
  '10.1.2.*',
  '+10.1.2.3',
  ' 10.1.2.3',
  '10.1.2.3\n',
  '\t',
  '10.1.2.3\r',
  '10.1.2.3\v', // A vertical tab is none of the characters that LiveKit looks for.
  '10.1.2.3\u00a0',
  '://',
] as const;

const V4 = ['10.1.2.3', '10.1.2.4', '10.1.3.3', '54.236.168.131', '0.0.0.0', '255.255.255.255', '127.0.0.1'] as const;
const V6 = [
  '::',
  '::1',
  '2001:db8::1',
  '2001:DB8::0001',
  '2001:db8:0:0:0:0:0:1',
  '2001:db8::1:0:0:1',
  'fe80::1',
  '::ffff:10.1.2.3',
  '::ffff:a01:203',
  '::10.1.2.3',
  '64:ff9b::10.1.2.3',
  '1:2:3:4:5:6:10.1.2.3',
  '1:2:3:4:5:6:7:8',
  '1::8',
  '1:2:3:4:5:6:7::',
  '::2:3:4:5:6:7:8',
] as const;

const BITS = [
  '0',
  '1',
  '7',
  '8',
  '9',
  '12',
  '15',
  '24',
  '25',
  '31',
  '32',
  '33',
  '48',
  '63',
  '64',
  '96',
  '127',
  '128',
  '129',
  '1000',
] as const;
const ODD_BITS = ['', '-1', '+8', '08', '00', ' 8', '8 ', '8/8', '1e1', '0x8', '٨', '4294967296'] as const;

/** An entry of `allowed_addresses`: an address, a block, a host name, or something that LiveKit passes over. */
export function randomEntry(random: Random): string {
  if (random.chance(0.12)) return random.pick(HOSTS);
  if (random.chance(0.12)) return random.pick(IGNORED);
  let entry = randomAddress(random);
  if (random.chance(0.15)) entry = `[${entry}]`;
  if (random.chance(0.45)) entry += `/${random.chance(0.85) ? random.pick(BITS) : random.pick(ODD_BITS)}`;
  if (random.chance(0.03)) entry = `[${entry}]`;
  return entry;
}

/** A source address; mostly one that LiveKit can read, seldom a damaged one. */
export function randomSource(random: Random): string {
  return random.chance(0.05) ? random.pick(HOSTS) : randomAddress(random);
}

/** A host of a From header: often one that an entry may name. */
export function randomFromHost(random: Random): string {
  return random.chance(0.5) ? random.pick(HOSTS) : randomEntry(random);
}

function randomAddress(random: Random): string {
  let address = random.chance(0.55) ? random.pick(V4) : random.chance(0.6) ? random.pick(V6) : madeUpV6(random);
  if (random.chance(0.08)) address += random.pick(['%eth0', '%', '%a%b', '%é', '%1.2', '%a/b', '% '] as const);
  return random.chance(0.1) ? damaged(random, address) : address;
}

/** Groups of any width and number, with `::` and a dotted tail in any place. */
function madeUpV6(random: Random): string {
  const groups: string[] = Array.from({ length: 1 + random.below(9) }, () =>
    random.pick(['0', '1', '00', '0001', 'ffff', 'FfFf', 'a', 'g', '00000', '12345', ''] as const),
  );
  if (random.chance(0.5)) groups.splice(random.below(groups.length + 1), 0, '', '');
  if (random.chance(0.4))
    groups.splice(random.chance(0.8) ? groups.length : random.below(groups.length), 0, random.pick(V4));
  return groups.join(':');
}

/** One character left out, doubled, or replaced. */
function damaged(random: Random, address: string): string {
  const at = random.below(address.length);
  const char = random.pick(['', '0', '1', '9', '.', ':', '::', '%', '/', 'f', ' ', '-', '²'] as const);
  return address.slice(0, at) + char + address.slice(at + (random.chance(0.5) ? 1 : 0));
}
