import { createHmac } from 'node:crypto';
import { parseSipUri, userPartOf } from '../call/sipUri.ts';
import { normaliseNumber } from './number.ts';

// With PRIVACY_HASH_KEY, callers' numbers are kept as `h_<line>.<form>`. `line` is the hash of the number as LiveKit
// normalises it, so that two forms of one number can be joined. `form` is that of the text as written, which a dispatch
// rule compares. In a SIP URI a colon would begin a password, so that there is none.
export const HASHED = /h_[\da-f]{16}\.[\da-f]{4}/;
const WHOLE = new RegExp(`^${HASHED.source}$`);
const ALL = new RegExp(HASHED, 'g');
const LINE_DIGITS = 16;
const FORM_DIGITS = 4;

/** Shorter numbers are extensions, which say nothing about a person. */
const NUMBER = /^\+\d{5,}$/;
const DIGITS = /\+?\d{5,}/g;

/** The hash in place of a telephone number. */
export function hashNumber(key: string, number: string): string {
  return `${lineHash(key, normaliseNumber(number))}.${digest(key, number).slice(0, FORM_DIGITS)}`;
}

/** A webhook's caller with its number hashed. A SIP URI keeps its form; `anonymous` and names stay. */
export function hashCaller(key: string, caller: string): string {
  const user = parseSipUri(caller)?.user;
  if (user)
    return caller
      .replace(/^[^<]*</, '<')
      .replace(/(sips?:)[^@]*@/i, (_, scheme) => `${scheme}${hashCaller(key, user)}@`);
  return NUMBER.test(normaliseNumber(caller)) ? hashNumber(key, caller) : hashDigits(key, caller);
}

/** How many numbers of a text are hashed one by one. A hostile caller of 8 KB has more than a thousand. */
const MOST_NUMBERS = 10;

/**
 * A name with the numbers in it hashed: LiveKit puts the caller's number into names of rooms and participants. From the
 * eleventh number on, the rest of the text becomes one hash.
 */
export function hashDigits(key: string, name: string): string {
  let hashed = '';
  let end = 0;
  let count = 0;
  for (const { 0: number, index } of name.matchAll(DIGITS)) {
    hashed += name.slice(end, index);
    count += 1;
    if (count > MOST_NUMBERS) return hashed + hashNumber(key, name.slice(index));
    hashed += hashNumber(key, number);
    end = index + number.length;
  }
  return hashed + name.slice(end);
}

export function isHashed(text: string): boolean {
  return WHOLE.test(text);
}

/** Text with another text in place of each hashed number. */
export function replaceHashed(text: string, replacement: string): string {
  return text.replaceAll(ALL, replacement);
}

/** What two forms of one number have in common. `text` is a number, a SIP URI or a hashed number. */
export function lineOf(text: string): string {
  const user = userPartOf(text);
  return isHashed(user) ? user.slice(0, -FORM_DIGITS - 1) : normaliseNumber(user);
}

/** The beginnings of the hashes of a number, given by its digits without international prefix. */
export function lineHashes(key: string, digits: string): string[] {
  return ['+', '+00'].map((prefix) => lineHash(key, prefix + digits));
}

function lineHash(key: string, normalised: string): string {
  return `h_${digest(key, normalised).slice(0, LINE_DIGITS)}`;
}

function digest(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
