import type { ComponentChildren } from 'preact';
import type { SetupStep } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { CopyButton } from '../parts/copyButton.tsx';
import { FoldRow, FoldRows } from '../parts/foldRows.tsx';
import { PageHead } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';

/** How often, in seconds, the page asks which steps are done. */
const LOOK_EVERY_SECONDS = 4;

/** What to configure where, with the exact addresses: done steps are folded, the first open one is opened. */
export function Setup({ isFirst = false }: { isFirst?: boolean }) {
  const { data, problem } = useResource<{ steps: readonly SetupStep[] }>('setup', true, LOOK_EVERY_SECONDS);
  const steps = data?.steps ?? [];
  const next = steps.find(({ done }) => !done);
  const done = steps.filter((step) => step.done).length;
  return (
    <>
      <PageHead
        title="Connect Jambonz and LiveKit"
        facts={[...(isFirst ? ['No call yet'] : []), ...(data ? [`${done} of ${steps.length} steps done`] : [])].join(
          ' · ',
        )}
        actions={
          isFirst && (
            <a class="button" href="?sample=1">
              Show sample data
            </a>
          )
        }
      />
      <ProblemNotice problem={problem} what="The steps could not be read" />
      {!data && !problem && <Loading what="the steps" />}
      <div aria-live="polite">
        {steps.length > 0 && (
          <FoldRows kind="steps">
            {steps.map((step) => (
              <StepRow key={step.id} step={step} isOpen={step === next} />
            ))}
          </FoldRows>
        )}
      </div>
    </>
  );
}

function StepRow({ step: { id, title, done, detail, how }, isOpen }: { step: SetupStep; isOpen: boolean }) {
  const cells = (
    <>
      <span class={done ? 'mark good' : 'mark quiet'}>
        <span aria-hidden="true">{done ? '✓' : '○'}</span>
        <span class="unseen">{done ? 'done:' : 'not yet:'}</span>
      </span>
      <strong class="title">{title}</strong>
      <span class="evidence-line">{detail}</span>
    </>
  );
  return (
    <FoldRow id={id} cells={cells} isOpen={isOpen}>
      {PASTES[id]?.() ?? <p>{how}</p>}
    </FoldRow>
  );
}

const hook = (path: string) => new URL(path, document.baseURI.replace(/[?#].*$/, '')).href;

/** Steps with something to paste. */
const PASTES: { readonly [Id in SetupStep['id']]?: () => ComponentChildren } = {
  jambonz_webhook_seen: () => (
    <dl class="values to-paste">
      <ToPaste
        name="Call status hook"
        text={`${hook('jambonz/call-status')}#rc=3&rp=all`}
        note="In the Jambonz application, method POST. The part after # makes Jambonz retry webhooks that fail."
      />
      <ToPaste name="Action hook" text={hook('jambonz/dial-action')} note="The actionHook of each dial verb." />
      <ToPaste
        name="Dial tag"
        text={'"tag": {"sipwhy": {"auth_username": "<username, or false for none>"}}'}
        note="In each dial verb. It names the username that the verb dials with, which no webhook reports."
      />
    </dl>
  ),
  livekit_webhook_seen: () => (
    <dl class="values to-paste">
      <ToPaste
        name="LiveKit webhook"
        text={hook('livekit/webhook')}
        note="In LiveKit’s webhook configuration, signed with the key in LIVEKIT_API_KEY."
      />
    </dl>
  ),
};

function ToPaste({ name, text, note }: { name: string; text: string; note: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span class="copy-line">
          <code>{text}</code> <CopyButton text={text} what={name} />
        </span>
        <span class="quiet">{note}</span>
      </dd>
    </div>
  );
}
