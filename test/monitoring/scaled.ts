import { parse, stringify } from 'yaml';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3, w: 604_800e3 };

/** A duration of Prometheus', such as `2m`, so many times as short. */
function shorter(duration: string, factor: number): string {
  const [, number, unit = ''] = /^(\d+)(ms|[smhdw])$/.exec(duration) ?? [];
  const milliseconds = UNITS[unit];
  if (number === undefined || milliseconds === undefined) throw new Error(`not a duration: ${duration}`);
  return `${Math.round((Number(number) * milliseconds) / factor)}ms`;
}

/** Every range, step, offset and time ago of the PromQL in a text, so many times as short. Names and thresholds stay. */
function shorterRanges(text: string, factor: number): string {
  return text
    .replaceAll(/\[(\d+\w+)(?::(\d+\w+))?\]/g, (_, range: string, step?: string) =>
      step === undefined ? `[${shorter(range, factor)}]` : `[${shorter(range, factor)}:${shorter(step, factor)}]`,
    )
    .replaceAll(/\boffset (\d+\w+)/g, (_, offset: string) => `offset ${shorter(offset, factor)}`)
    .replaceAll(/\btime\(\) - (\d+)\b/g, (_, seconds: string) => `time() - ${Number(seconds) / factor}`);
}

interface Rule {
  expr: string;
  for?: string;
  keep_firing_for?: string;
  annotations?: Record<string, string>;
}

/**
 * The rules with all their times divided by a factor and nothing else changed: what takes two minutes there takes
 * seconds here, provided that scrapes are as many times as frequent.
 */
export function scaledRules(rules: string, factor: number): string {
  const file = parse(rules) as { groups: { interval: string; rules: Rule[] }[] };
  for (const group of file.groups) {
    group.interval = shorter(group.interval, factor);
    for (const rule of group.rules) {
      rule.expr = shorterRanges(rule.expr, factor);
      if (rule.for !== undefined) rule.for = shorter(rule.for, factor);
      if (rule.keep_firing_for !== undefined) rule.keep_firing_for = shorter(rule.keep_firing_for, factor);
      for (const [name, text] of Object.entries(rule.annotations ?? {})) {
        if (rule.annotations) rule.annotations[name] = shorterRanges(text, factor);
      }
    }
  }
  return stringify(file, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Waiting times of a route of Alertmanager's. */
const WAITS = ['group_wait', 'group_interval', 'repeat_interval'] as const;

export interface Route extends Partial<Record<(typeof WAITS)[number], string>> {
  routes?: Route[];
}

/** A route of Alertmanager's with all its waiting times divided by a factor. */
export function scaledRoute(route: Route, factor: number): Route {
  const waits = WAITS.flatMap((name) => (route[name] === undefined ? [] : [[name, shorter(route[name], factor)]]));
  return {
    ...route,
    ...Object.fromEntries(waits),
    ...(route.routes && { routes: route.routes.map((child) => scaledRoute(child, factor)) }),
  };
}
