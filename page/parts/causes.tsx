import { signal } from '@preact/signals';
import { ask } from '../api/client.ts';
import type { Cause, Evidence, Fix } from '../api/types.ts';
import { SOURCES, sentence } from '../text/words.ts';
import { IdChip, PartyChip } from './chips.tsx';
import { Fixes } from './fixes.tsx';
import { Runbook } from './runbook.tsx';

/** Every cause that the service knows, by id; empty until the service has answered. */
export const causes = signal<ReadonlyMap<string, Cause>>(new Map());

const ASK_AGAIN_MS = 4_000;

export async function readCauses(): Promise<void> {
  const answer = await ask<{ causes: readonly Cause[] }>('causes');
  if (answer.ok) causes.value = new Map(answer.data.causes.map((cause) => [cause.id, cause]));
  else if (answer.problem.status !== 401) setTimeout(readCauses, ASK_AGAIN_MS);
}

/** The title of a cause; its id in words until the titles have loaded. */
export function titleOf(id: string | null | undefined): string {
  if (!id) return '';
  return causes.value.get(id)?.title ?? id.replaceAll('_', ' ');
}

interface Shown {
  readonly evidence: readonly Evidence[];
  readonly fixes: readonly Fix[];
}

/** Causes in order, each with its fixes and evidence. */
export function CauseSections({
  ids,
  shown,
  isNumbered,
}: {
  ids: readonly string[];
  shown: Shown;
  isNumbered: boolean;
}) {
  return (
    <ol class="causes">
      {ids.map((id, i) => (
        <li key={id} class="cause">
          <h3>
            {isNumbered && <span class="number">{i + 1}</span>}
            <span class="cause-title">{sentence(titleOf(id))}</span>
          </h3>
          <p class="chips">
            <PartyChip party={causes.value.get(id)?.party} /> <IdChip id={id} />
          </p>
          <Fixes fixes={shown.fixes.filter((fix) => fix.cause === id)} />
          <EvidenceList evidence={shown.evidence.filter((piece) => piece.cause === id)} />
          <Meaning id={id} />
        </li>
      ))}
    </ol>
  );
}

/** Causes that don't stop the call now, each collapsed. */
export function CauseFolds({ ids, shown }: { ids: readonly string[]; shown: Shown }) {
  return (
    <>
      {ids.map((id) => (
        <details key={id} class="cause cause-fold">
          <summary>
            <h3>{sentence(titleOf(id))}</h3> <IdChip id={id} />
          </summary>
          <Fixes fixes={shown.fixes.filter((fix) => fix.cause === id)} />
          <EvidenceList evidence={shown.evidence.filter((piece) => piece.cause === id)} />
          <Meaning id={id} />
        </details>
      ))}
    </>
  );
}

function Meaning({ id }: { id: string }) {
  const cause = causes.value.get(id);
  if (!cause) return null;
  return (
    <>
      <p class="quiet meaning">{cause.runbook.meaning}</p>
      <Runbook cause={cause} />
    </>
  );
}

function EvidenceList({ evidence }: { evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return null;
  return (
    <div class="evidence">
      <h4>Evidence</h4>
      <dl>
        {evidence.map(({ name, value, source }) => (
          <div key={`${name} ${value}`}>
            <dt>{name}</dt>
            <dd>
              {value} <span class="source">{SOURCES[source] ?? source}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
