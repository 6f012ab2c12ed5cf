import type { SetupStep } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { CopyButton } from '../parts/copyButton.tsx';
import { Heading } from '../parts/heading.tsx';
import { ProblemNotice } from '../parts/notices.tsx';

/** How often, in seconds, it is looked which steps are done. */
const LOOK_EVERY_SECONDS = 4;

const hook = (path: string) => new URL(path, document.baseURI.replace(/[?#].*$/, '')).href;

/** What to set where, with the exact addresses, and which of the steps are done. */
export function Setup({ isFirst = false }: { isFirst?: boolean }) {
  const { data, problem } = useResource<{ steps: readonly SetupStep[] }>('setup', true, LOOK_EVERY_SECONDS);
  const steps = data?.steps ?? [];
  const done = steps.filter((step) => step.done).length;
  return (
    <>
      <Heading title="Connect Jambonz and LiveKit" />
      <p class="lead">
        {isFirst && 'No call has been heard of yet. '}Once these are connected, every failed call is explained here.
      </p>
      <section aria-labelledby="connect-jambonz">
        <h2 id="connect-jambonz">1. In Jambonz</h2>
        <p>
          In the application, set the <strong>call status hook</strong> (method POST). The ending has Jambonz send again
          what did not arrive:
        </p>
        <CopyLine text={`${hook('jambonz/call-status')}#rc=3&rp=all`} what="call status hook" />
        <p>
          Give each <code>dial</code> verb this <code>actionHook</code>:
        </p>
        <CopyLine text={hook('jambonz/dial-action')} what="action hook" />
        <p>Let the dial verb say which credentials it dials with; no webhook tells otherwise:</p>
        <CopyLine text={'"tag": {"sipwhy": {"auth_username": "<username, or false for none>"}}'} what="dial tag" />
      </section>
      <section aria-labelledby="connect-livekit">
        <h2 id="connect-livekit">2. In LiveKit</h2>
        <p>Add this address to LiveKit’s webhooks; it tells what became of the agent:</p>
        <CopyLine text={hook('livekit/webhook')} what="LiveKit webhook" />
      </section>
      <section aria-labelledby="steps">
        <h2 id="steps">{steps.length > 0 ? `3. What is done: ${done} of ${steps.length}` : '3. What is done'}</h2>
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
