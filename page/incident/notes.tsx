import type { OneIncident } from '../api/types.ts';
import { Time } from '../parts/time.tsx';

/** What people wrote, the newest first. */
export function Notes({ notes }: Pick<OneIncident, 'notes'>) {
  if (notes.length === 0) return null;
  return (
    <section class="card" aria-labelledby="notes">
      <h2 id="notes">Notes</h2>
      <ul class="notes">
        {notes.toReversed().map(({ by, at, text }) => (
          <li key={at}>
            <span class="quiet">
              {by ?? 'No name'} · <Time at={at} />
            </span>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
