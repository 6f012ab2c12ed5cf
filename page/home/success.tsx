import type { IncidentsPage, Stats } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { BarChart } from '../parts/charts.tsx';
import { type Filters, spanWords, statsPath } from './filters.ts';

/** A smaller share of calls that connect is shown as a failure. */
const HEALTHY = 0.95;
/** How often, in seconds, the numbers are read without news: calls leave their time as well. */
const READ_EVERY_SECONDS = 30;

/** How many calls connect: in the last 15 minutes, and over the chosen time, with a chart by outcome. */
export function Success({ filters, open }: { filters: Filters; open: IncidentsPage | undefined }) {
  const recent = useResource<Stats>(statsPath({ ...onlyTrunk(filters), last: '15m' }), true, READ_EVERY_SECONDS);
  const whole = useResource<Stats>(statsPath(filters), true, READ_EVERY_SECONDS);
  const count = open?.incidents.length;
  const series = whole.data?.series ?? [];
  const words = spanWords(filters) || 'time chosen';
  const [first, second] = series;
  const stepSeconds = first && second ? (Date.parse(second.at) - Date.parse(first.at)) / 1000 : 60;
  return (
    <section class="success" aria-label="Calls that connect">
      <Rate stats={recent.data} words="15 min" isNow />
      <Rate stats={whole.data} words={words} />
      <p class="fact">
        <strong>
          {count ?? '–'}
          {open?.next_cursor && '+'}
        </strong>{' '}
        open {count === 1 ? 'incident' : 'incidents'}
      </p>
      <BarChart
        buckets={series}
        stepSeconds={stepSeconds}
        height={44}
        label={`Calls by outcome, last ${words}: ${rateOf(whole.data).text} connected`}
      />
    </section>
  );
}

function Rate({ stats, words, isNow = false }: { stats: Stats | undefined; words: string; isNow?: boolean }) {
  const { text, isBad, calls, connected } = rateOf(stats);
  return (
    <p class="fact" title={calls === 0 ? 'No calls' : `${connected} of ${calls} calls`}>
      <strong class={isNow && isBad ? 'bad' : ''}>{text}</strong> connected, <span class="wide-only">last </span>
      {words}
    </p>
  );
}

function rateOf(stats: Stats | undefined) {
  // What is nobody's fault says nothing about the success of the rest.
  const counted = stats?.counts.filter(({ outcome }) => outcome !== 'not_counted') ?? [];
  const calls = counted.reduce((sum, { attempts }) => sum + attempts, 0);
  const connected = counted.reduce((sum, { outcome, attempts }) => sum + (outcome === 'connected' ? attempts : 0), 0);
  const share = connected / calls;
  return { text: calls === 0 ? '–' : percent(share), isBad: share < HEALTHY, calls, connected };
}

/** Never `100 %` where a call failed, and never `0 %` where one did not. */
function percent(share: number): string {
  const tenths = share >= 0.5 ? Math.floor(share * 1000) : Math.ceil(share * 1000);
  return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} %`;
}

function onlyTrunk({ trunk }: Filters): Filters {
  return trunk === undefined ? {} : { trunk };
}
