import type { Forecast } from '../predict/forecast.ts';
import type { WhatIf } from '../predict/whatIf.ts';
import { extentText, kindJson, titleOfForecast } from './predictionJson.ts';

/** What another configuration would do, as JSON. Keys are public. */
export type WhatIfJson = ReturnType<typeof whatIfJson>;

/** How many kinds of calls are listed for each fault. */
const KINDS_LISTED = 20;

export function whatIfJson({ kindsSeen, callsPerDay, forecasts, holes, failed }: WhatIf) {
  const of = (forecast: Forecast) => forecastJson(forecast, { kindsSeen, callsPerDay });
  return {
    kinds_seen: kindsSeen,
    calls_per_day: Math.round(callsPerDay * 10) / 10,
    /** Whether calls that connect now would not, or would land elsewhere, or others get in. */
    is_harmless: forecasts.length === 0 && holes.length === 0,
    hits: forecasts.map(of),
    opens: holes.map(({ trunk, what }) => ({ trunk, what })),
    recent_failures: { calls: failed.calls, would_connect: failed.wouldConnect },
  };
}

function forecastJson(
  { hits, trunk, callsPerDay }: Forecast,
  all: { readonly kindsSeen: number; readonly callsPerDay: number },
) {
  const [first] = hits;
  const share = all.callsPerDay === 0 ? 0 : callsPerDay / all.callsPerDay;
  return {
    effect: first.effect,
    cause: first.effect === 'refused' ? first.cause : null,
    trunk,
    title: titleOfForecast(first),
    kinds_hit: hits.length,
    calls_per_day: Math.round(callsPerDay * 10) / 10,
    traffic_share: share,
    text: `${titleOfForecast(first)}: ${extentText({ kindsHit: hits.length, kindsSeen: all.kindsSeen, callsPerDay, share })}.`,
    kinds: hits.slice(0, KINDS_LISTED).map(({ counted, ...hit }) =>
      kindJson({
        ...counted.kind,
        callsPerDay: counted.callsPerDay,
        before: counted.kind.place,
        ...(hit.effect === 'other_place' && { now: hit.now }),
      }),
    ),
  };
}

/** The same for a terminal. */
export function whatIfText({
  kinds_seen,
  calls_per_day,
  hits,
  opens,
  recent_failures,
  is_harmless,
}: WhatIfJson): string {
  const { calls, would_connect } = recent_failures;
  const seen = `${kinds_seen} kinds of calls seen in the last 7 days, ${Math.round(calls_per_day)} calls a day`;
  const verdict =
    kinds_seen === 0
      ? 'No call has connected in the last 7 days, so there is nothing to match again.'
      : is_harmless
        ? `Nothing changes for the ${seen}.`
        : `Of the ${seen}:`;
  return [
    verdict,
    ...hits.flatMap(({ text, kinds, kinds_hit }) => [
      `  ${text}`,
      ...kinds.slice(0, 5).map(({ caller, any_caller, to }) => `    ${whoOf(caller, any_caller)} → ${to}`),
      ...(kinds_hit > 5 ? [`    and ${kinds_hit - 5} more kinds`] : []),
    ]),
    ...opens.map(({ what }) => `  It opens: ${what}`),
    ...(calls > 0
      ? [`Of ${calls} recent failed calls that the configuration stops now, ${would_connect} would connect.`]
      : []),
    '',
  ].join('\n');
}

function whoOf(caller: string | null, isAnyCaller: boolean): string {
  if (caller === null) return 'a caller';
  return isAnyCaller ? `callers that no list has, such as ${caller}` : caller;
}
