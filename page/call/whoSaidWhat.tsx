import type { Ladder as LadderOfCall, TimelineEntry } from '../api/types.ts';
import { Fold } from '../parts/fold.tsx';
import { clock, since } from '../text/time.ts';
import { counted, PARTICIPANTS } from '../text/words.ts';
import { LadderDiagram } from './ladder.tsx';

/** The call's messages as a diagram and as a table. */
export function Ladder({ ladder }: { ladder: LadderOfCall }) {
  return (
    <>
      <LadderDiagram ladder={ladder} />
      <Fold summary="As a table">
        <LadderTable ladder={ladder} />
      </Fold>
    </>
  );
}

function LadderTable({ ladder }: { ladder: LadderOfCall }) {
  const start = ladder.messages[0]?.at ?? '';
  return (
    <table class="said">
      <caption class="unseen">Messages of the call, in order</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {ladder.messages.map((step, i) => (
          <tr key={i} class={`row-${step.kind}`}>
            <td data-label="Time">
              <time dateTime={step.at} title={step.at}>
                {since(start, step.at)}
              </time>
            </td>
            <td data-label="From">{PARTICIPANTS[step.from] ?? step.from}</td>
            <td data-label="To">{PARTICIPANTS[step.to] ?? step.to}</td>
            <td data-label="What">
              {step.label}
              {step.count > 1 && ` ×${step.count}, the last at ${since(start, step.until ?? step.at)}`}
              {step.detail && <span class="quiet"> {step.detail}</span>}
              {step.inferred && <span class="quiet"> (inferred: no webhook reports it)</span>}
              {ladder.stopped?.after_message === i && <strong class="bad"> Stopped here.</strong>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** More rows than these help nobody; the JSON export has all of them. */
const ROWS_SHOWN = 150;

/** Every webhook of the call; open where there is no ladder. */
export function Webhooks({ timeline, isOpen }: { timeline: readonly TimelineEntry[]; isOpen: boolean }) {
  return (
    <details class="more" open={isOpen}>
      <summary>{counted(timeline.length, 'webhook')}</summary>
      <table class="said">
        <caption class="unseen">Webhooks of the call, in order</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Source</th>
            <th scope="col">Event</th>
            <th scope="col">Details</th>
          </tr>
        </thead>
        <tbody>
          {timeline.slice(0, ROWS_SHOWN).map((entry, i) => (
            <tr key={i}>
              <td data-label="Time">
                <time dateTime={entry.at} title={entry.at}>
                  {clock(entry.at)}
                </time>
              </td>
              <td data-label="Source">{entry.source === 'livekit' ? 'LiveKit' : 'Jambonz'}</td>
              <td data-label="Event">{entry.event.replaceAll('_', ' ')}</td>
              <td data-label="Details">{detailsOf(entry)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {timeline.length > ROWS_SHOWN && (
        <p class="quiet">And {timeline.length - ROWS_SHOWN} more. The JSON export has all of them.</p>
      )}
    </details>
  );
}

const SHOWN_ELSEWHERE = new Set(['at', 'source', 'event']);

/** The fields of a webhook that have no column of their own, each with its name. */
function detailsOf(entry: TimelineEntry): string {
  return Object.entries(entry)
    .filter(([name, value]) => !SHOWN_ELSEWHERE.has(name) && value !== null && value !== '')
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${String(value)}`)
    .join(' · ');
}
