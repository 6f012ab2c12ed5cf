import { signal } from '@preact/signals';
import { recall, remember } from './remembered.ts';

/** Epoch milliseconds, good enough for relative times. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 10_000);

/** The zone in which times are shown. The browser remembers it. */
export type Zone = 'local' | 'utc';
const KEY = 'sipwhy.zone';
export const zone = signal<Zone>(recall(KEY) === 'utc' ? 'utc' : 'local');

export function chooseZone(chosen: Zone): void {
  zone.value = chosen;
  remember(KEY, chosen === 'local' ? '' : chosen);
}

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const MINUTE = { hour: '2-digit', minute: '2-digit' } as const;
const DAY = { day: 'numeric', month: 'short' } as const;
const DATE = { day: 'numeric', month: 'short', year: 'numeric' } as const;

const formats = new Map<string, Intl.DateTimeFormat>();

function inZone(options: Intl.DateTimeFormatOptions, date: Date): string {
  const key = zone.value + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { ...options, ...(zone.value === 'utc' && { timeZone: 'UTC' }) });
    formats.set(key, format);
  }
  return format.format(date);
}

/** The zone of what is shown: `UTC`, `UTC+1`. */
export function zoneName(): string {
  if (zone.value === 'utc') return 'UTC';
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'shortOffset' }).formatToParts(now.value);
  return (parts.find(({ type }) => type === 'timeZoneName')?.value ?? '').replace(/GMT([+-]0)?$|GMT/, 'UTC');
}

/** `14:03:22` today, `12 Aug 14:03:22` before, in the chosen zone. `precision` leaves the seconds out. */
export function clock(at: string, precision: 'second' | 'minute' = 'second'): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const time = inZone(precision === 'second' ? TIME : MINUTE, date);
  const today = new Date(now.value);
  if (inZone(DATE, date) === inZone(DATE, today)) return time;
  const isThisYear = date.getFullYear() === today.getFullYear();
  return `${inZone(isThisYear ? DAY : DATE, date)} ${time}`;
}

const STEPS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
  ['year', Number.POSITIVE_INFINITY],
] as const;
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' });

/** `2min ago`. */
export function ago(at: string): string {
  let amount = (new Date(at).getTime() - now.value) / 1000;
  if (Number.isNaN(amount)) return '';
  if (amount > -10) return 'just now';
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return RELATIVE.format(Math.trunc(amount), unit);
    amount /= size;
  }
  return '';
}

const SHORT = [
  ['s', 60],
  ['min', 60],
  ['h', 48],
  ['d', Number.POSITIVE_INFINITY],
] as const;

/** How long ago, for a narrow column: `now`, `12 min`, `5 h`, `3 d`. */
export function age(at: string): string {
  let amount = (now.value - new Date(at).getTime()) / 1000;
  if (!(amount >= 10)) return 'now';
  for (const [unit, size] of SHORT) {
    if (amount < size) return `${Math.trunc(amount)} ${unit}`;
    amount /= unit === 'h' ? 24 : size;
  }
  return '';
}

/** Time since the beginning of a call: `+0.230 s`, `+1:04.500`. */
export function since(start: string, at: string): string {
  const seconds = (new Date(at).getTime() - new Date(start).getTime()) / 1000;
  if (Number.isNaN(seconds)) return '';
  const sign = seconds < 0 ? '−' : '+';
  const size = Math.abs(seconds);
  if (size < 60) return `${sign}${size.toFixed(3)} s`;
  return `${sign}${Math.floor(size / 60)}:${(size % 60).toFixed(1).padStart(4, '0')} min`;
}
