import type { Random } from './random.ts';

const WORDS = [
  '',
  'anonymous',
  'Anonymous',
  'call-x',
  'call-afd968a1ba780364',
  '+',
  '++49',
  '-',
  ' ',
  '()',
  '+-+',
  '00',
  '+0',
  '4_9',
  '49x12',
  '٤٩', // Arabic-Indic digits: Go's \d and JavaScript's take ASCII digits only.
  '4٩1',
  '４９', // Full-width digits.
  '49\u00a0151', // A no-break space is no space to LiveKit.
  '\ufeff49',
  '＋49',
  'straße',
  'tel:+49151',
  '49;ext=1',
  '1e3',
] as const satisfies readonly [string, ...string[]];

const DIGITS = ['4991874350352', '91874350352', '15551234567', '100', '7', '442071234567', '0'] as const;
const PREFIXES = ['+', '00', '+00', '0', '++', ' +', '+ ', '(+', '+(', '-+'] as const;
const OUTER = ['\n', '\t', '\r\n', ' ', '\u00a0', '\v', '\u0000', '\u2028'] as const;
const INNER = [' ', '-', '(', ')', '--', ') (', '\t', '.', '/'] as const;

/**
 * Gives the numbers of one question: few different ones, as written or in another form, so that they often match, and
 * often fail to by their form alone.
 */
export function numberSource(random: Random): () => string {
  const favourite = randomNumber(random);
  const digits = random.pick(DIGITS);
  return () => {
    const choice = random.fraction();
    if (choice < 0.35) return favourite;
    return choice < 0.7 ? written(random, digits) : randomNumber(random);
  };
}

export function randomNumber(random: Random): string {
  return random.chance(0.2) ? random.pick(WORDS) : written(random, random.pick(DIGITS));
}

/** The digits in one of the many forms that people write, right or wrong. */
function written(random: Random, digits: string): string {
  let number = digits;
  if (random.chance(0.4)) number = random.pick(PREFIXES) + number;
  while (random.chance(0.3)) {
    const at = random.below(number.length + 1);
    number = number.slice(0, at) + random.pick(INNER) + number.slice(at);
  }
  if (random.chance(0.08)) number += random.pick(OUTER);
  if (random.chance(0.04)) number = random.pick(OUTER) + number;
  return number;
}
