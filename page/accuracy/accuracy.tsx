import type { AccuracyFigures } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { titleOf } from '../parts/causes.tsx';
import { Heading } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { address } from '../route.ts';
import { sentence } from '../text/words.ts';

/** How calls were made whose truth is known, and what of them is held back. */
const GROUPS: Readonly<Record<string, string>> = {
  recorded: 'Recorded against LiveKit, all of the evidence',
  generated: 'Simulated, all of the evidence',
  no_sbc_address: 'Simulated, JAMBONZ_SBC_ADDRESSES not set',
  old_sbc: 'Simulated, SBC older than September 2025',
  reordered: 'Simulated, a quarter of the webhooks up to 2.5 s late',
  no_configuration: 'Simulated, LiveKit’s configuration not known',
  one_webhook_lost: 'Recorded and simulated, each webhook lost in turn',
};

type Figures = Omit<AccuracyFigures, 'per_cause' | 'per_group'>;

/** How often the diagnosis is right, where that can be known. */
export function Accuracy() {
  const { data, problem } = useResource<AccuracyFigures>('accuracy');
  return (
    <>
      <Heading title="How often it is right" />
      <p class="lead">
        Over calls whose truth is known: recorded ones, and simulated ones into which faults were put. Measured before
        this version was released; your own calls are no part of it.
      </p>
      <ProblemNotice problem={problem} what="The figures could not be read" />
      {!data && !problem && <Loading what="the figures" />}
      {data && (
        <>
          <Table
            caption="By what is known of the call"
            rows={data.per_group.map((row) => [row.group, GROUPS[row.group] ?? row.group, row])}
          />
          <Table
            caption="By cause, with all of the evidence"
            rows={data.per_cause.map((row) => [
              row.cause,
              row.cause === 'connected' ? 'No failure: it connected' : sentence(titleOf(row.cause)),
              row,
            ])}
          />
          <p class="quiet">
            Abstained: the answer was unclassified, or only possible. Wrong and certain must be 0 everywhere.
          </p>
        </>
      )}
    </>
  );
}

function Table({ caption, rows }: { caption: string; rows: readonly (readonly [string, string, Figures])[] }) {
  return (
    <table class="figures">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Which</th>
          <th scope="col">Calls</th>
          <th scope="col">First cause right</th>
          <th scope="col">All causes right</th>
          <th scope="col">Abstained</th>
          <th scope="col">Wrong and certain</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([key, name, figures]) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <td data-label="Calls">{figures.cases.toLocaleString('en-GB')}</td>
            <td data-label="First cause right">{shareOf(figures.top_cause, figures.cases)}</td>
            <td data-label="All causes right">{shareOf(figures.exact_set, figures.cases)}</td>
            <td data-label="Abstained">{figures.abstentions.toLocaleString('en-GB')}</td>
            <td data-label="Wrong and certain">{figures.wrong_and_certain.toLocaleString('en-GB')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** In the footer of every view: how far to trust it, in a line. */
export function AccuracyLine() {
  const { data } = useResource<AccuracyFigures>('accuracy');
  return (
    <a href={address({ view: 'accuracy' })}>
      {data
        ? `Right on ${data.top_cause.toLocaleString('en-GB')} of ${data.cases.toLocaleString('en-GB')} test calls with known truth`
        : 'How often it is right'}
    </a>
  );
}

function shareOf(count: number, cases: number): string {
  // Never rounded up to all of them.
  return `${(Math.floor((1000 * count) / cases) / 10).toFixed(1)} %`;
}
