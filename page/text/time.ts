import { signal } from '@preact/signals';

/** Epoch milliseconds, good enough for relative times. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 10_000);

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** `14:03:22` today, `12 Aug 14:03:22` before, in the time zone of the browser. */
export function clock(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  if (DATE.format(date) === DATE.format(now.value)) return CLOCK.format(date);
  const isThisYear = date.getFullYear() === new Date(now.value).getFullYear();
  return `${(isThisYear ? DAY : DATE).format(date)} ${CLOCK.format(date)}`;
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

/** Time since the beginning of a call: `+0.230 s`, `+1:04.500`. */
export function since(start: string, at: string): string {
  const seconds = (new Date(at).getTime() - new Date(start).getTime()) / 1000;
  if (Number.isNaN(seconds)) return '';
  const sign = seconds < 0 ? '−' : '+';
  const size = Math.abs(seconds);
  if (size < 60) return `${sign}${size.toFixed(3)} s`;
  return `${sign}${Math.floor(size / 60)}:${(size % 60).toFixed(1).padStart(4, '0')} min`;
}
