import type { SetupStep } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { CopyButton } from '../parts/copyButton.tsx';
import { Heading } from '../parts/heading.tsx';
import { ProblemNotice } from '../parts/notices.tsx';

/** How often, in seconds, the page asks which steps are done. */
const LOOK_EVERY_SECONDS = 4;

const hook = (path: string) => new URL(path, document.baseURI.replace(/[?#].*$/, '')).href;

/** What to configure where, with the exact addresses, and which steps are done. */
export function Setup({ isFirst = false }: { isFirst?: boolean }) {
  const { data, problem } = useResource<{ steps: readonly SetupStep[] }>('setup', true, LOOK_EVERY_SECONDS);
  const steps = data?.steps ?? [];
  const done = steps.filter((step) => step.done).length;
  return (
    <>
      <Heading title="Connect Jambonz and LiveKit" />
      <p class="lead">
        {isFirst && 'No call has been reported yet. '}Once both are connected, this page explains every failed call.
      </p>
      <section aria-labelledby="connect-jambonz">
        <h2 id="connect-jambonz">1. In Jambonz</h2>
        <p>
          In the application, set the <strong>call status hook</strong> (method POST). The part after # makes Jambonz
          retry webhooks that fail:
        </p>
        <CopyLine text={`${hook('jambonz/call-status')}#rc=3&rp=all`} what="call status hook" />
        <p>
          Give each <code>dial</code> verb this <code>actionHook</code>:
        </p>
        <CopyLine text={hook('jambonz/dial-action')} what="action hook" />
        <p>Add this tag to the dial verb. It names the username that the verb dials with, which no webhook reports:</p>
        <CopyLine text={'"tag": {"sipwhy": {"auth_username": "<username, or false for none>"}}'} what="dial tag" />
      </section>
      <section aria-labelledby="connect-livekit">
        <h2 id="connect-livekit">2. In LiveKit</h2>
        <p>Add this address to LiveKit’s webhooks, so that sipwhy knows what the agent did:</p>
        <CopyLine text={hook('livekit/webhook')} what="LiveKit webhook" />
      </section>
      <section aria-labelledby="steps">
        <h2 id="steps">{steps.length > 0 ? `3. Progress: ${done} of ${steps.length}` : '3. Progress'}</h2>
        <ProblemNotice problem={problem?.status === 404 ? undefined : problem} what="The steps could not be read" />
        <ol class="steps" aria-live="polite">
          {steps.map(({ id, title, done, detail, how }) => (
            <li key={id} class={done ? 'step-done' : 'step-open'} data-step={id}>
              <span class="mark" aria-hidden="true">
                {done ? '✓' : '○'}
              </span>
              <div>
                <strong>{title}</strong> <span class={done ? 'good' : 'quiet'}>{done ? 'done' : 'not yet'}</span>
                {detail && <p class="quiet">{detail}</p>}
                {!done && how && <p>{how}</p>}
              </div>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <p class="copy-line">
      <code>{text}</code> <CopyButton text={text} what={what} />
    </p>
  );
}
