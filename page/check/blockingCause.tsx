import type { Checked } from '../api/types.ts';
import { causes, titleOf } from '../parts/causes.tsx';
import { WholeFix } from '../parts/fixCard.tsx';
import { Fold } from '../parts/fold.tsx';
import { KeyValues } from '../parts/keyValues.tsx';
import { IdTag, OwnerTag } from '../parts/tags.tsx';
import { sentence } from '../text/words.ts';

interface BlockingCauseProps {
  readonly id: string;
  readonly shown: Pick<Checked, 'fixes' | 'evidence'>;
  readonly isFolded: boolean;
  /** Such as `1 of 2`, where several causes block the call. */
  readonly place: string | undefined;
}

/** One cause that blocks the call: its owner, its fix, and the evidence folded. */
export function BlockingCause({ id, shown, isFolded, place }: BlockingCauseProps) {
  const title = sentence(titleOf(id));
  const tags = (
    <span class="tags">
      {place && <span class="tag">{place}</span>}
      <OwnerTag party={causes.value.get(id)?.party} /> <IdTag id={id} />
      {!isFolded && <RunbookLink id={id} />}
    </span>
  );
  if (isFolded) {
    return (
      <details class="card cause-card">
        <summary>
          <strong class="title">{title}</strong> {tags}
        </summary>
        <CauseBody id={id} shown={shown} />
        <RunbookLink id={id} />
      </details>
    );
  }
  const isProven = shown.fixes.some(({ cause, proof }) => cause === id && proof !== undefined);
  return (
    <section class={`card cause-card${isProven ? ' card-fix' : ''}`} aria-label={title}>
      <div class="fix-head">
        <h3>{title}</h3> {tags}
      </div>
      <CauseBody id={id} shown={shown} />
    </section>
  );
}

function RunbookLink({ id }: { id: string }) {
  return <a href={`runbooks/${id}`}>Runbook</a>;
}

function CauseBody({ id, shown }: Pick<BlockingCauseProps, 'id' | 'shown'>) {
  const [first, ...others] = shown.fixes.filter(({ cause }) => cause === id);
  const evidence = shown.evidence.filter(({ cause }) => cause === id);
  return (
    <>
      {first && <WholeFix fix={first} />}
      {others.length > 0 && (
        <Fold summary={others.length === 1 ? 'Another way' : `${others.length} other ways`}>
          {others.map((fix) => (
            <WholeFix key={fix.action} fix={fix} />
          ))}
        </Fold>
      )}
      {evidence.length > 0 && (
        <Fold summary="Evidence">
          <KeyValues rows={evidence.map(({ name, value }) => ({ name: sentence(name), value }))} />
        </Fold>
      )}
    </>
  );
}
