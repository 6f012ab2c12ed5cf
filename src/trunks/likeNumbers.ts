import { addTo } from './grouped.ts';
import { digitsOf, likeness, normaliseNumber, stripInternational } from './number.ts';

/** Up to so many numbers with one ending are gone through; among more, the forms that can be alike are looked up. */
const FEW = 32;
/** Likeness of more than the international prefix asks for as many digits in common at the end. */
const ENDING = 6;

/**
 * Finds the numbers that `likeness` holds for another form of a given one, without going through all of them.
 * Numbers are known here by their form: normalised, without outer white space.
 */
export class LikeNumbers {
  readonly #forms = new Set<string>();
  readonly #byEnding = new Map<string, string[]>();
  /** Built when first needed, which is hardly ever. */
  #byTail: ReadonlyMap<string, readonly string[]> | undefined;

  add(form: string): void {
    if (this.#forms.has(form)) return;
    this.#forms.add(form);
    const digits = digitsOf(form);
    if (digits === undefined) return;
    for (const ending of endingsOf(digits)) addTo(this.#byEnding, ending, form);
    this.#byTail = undefined;
  }

  /** The forms of the numbers added that are alike to this one, and its own, since white space may set them apart. */
  find(number: string): string[] {
    const own = formOf(number);
    // Nothing is alike to blanks and brackets.
    if (own === '' || own === '+') return [];
    const found = new Set<string>();
    if (this.#forms.has(own)) found.add(own);
    const digits = digitsOf(number);
    for (const ending of digits === undefined ? [] : endingsOf(digits)) {
      const ended = this.#byEnding.get(ending) ?? [];
      for (const form of ended.length <= FEW ? ended : this.#candidates(digits ?? '')) {
        if (likeness(number, form)) found.add(form);
      }
    }
    return [...found];
  }

  /** A bounded number of forms, among them every one that is alike to these digits. */
  #candidates(digits: string): string[] {
    const international = stripInternational(digits);
    const forms = [`+${international}`, `+00${international}`];
    // The country code of one to three digits is missing there, with or without the zero of a national number.
    for (let code = 1; code <= 3; code++) {
      forms.push(`+${international.slice(code)}`, `+0${international.slice(code)}`);
    }
    // It is missing here.
    this.#byTail ??= tailsOf(this.#forms);
    for (const short of digits.startsWith('0') ? [digits, digits.slice(1)] : [digits]) {
      for (let unknown = 0; unknown <= 2; unknown++) forms.push(...(this.#byTail.get(short.slice(unknown)) ?? []));
    }
    return forms.filter((form) => this.#forms.has(form));
  }
}

/** The form in which numbers are known here. */
export function formOf(number: string): string {
  return normaliseNumber(number.trim());
}

/** What two numbers that are alike share one of: their last digits, or a short number without international prefix. */
function endingsOf(digits: string): string[] {
  const international = stripInternational(digits);
  const last = digits.slice(-ENDING);
  return international.length < ENDING && international !== last ? [last, international] : [last];
}

/** By what follows the first three digits: a number whose country code is left out has that, and up to two before it. */
function tailsOf(forms: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const byTail = new Map<string, string[]>();
  for (const form of forms) {
    const international = stripInternational(digitsOf(form) ?? '');
    if (international.length > ENDING) addTo(byTail, international.slice(3), form);
  }
  return byTail;
}
