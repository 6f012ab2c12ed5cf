import { useRef, useState } from 'preact/hooks';
import type { Deeds } from '../api/act.ts';
import type { Problem } from '../api/client.ts';
import { isSample } from '../route.ts';
import { myName } from '../text/myName.ts';
import { MuteFields } from './muteFields.tsx';
import { NameField } from './nameField.tsx';
import { type Acted, useDeed } from './useDeed.ts';
import { useFormFocus } from './useFormFocus.ts';

export type FormName = 'acknowledge' | 'note' | 'mute' | 'resolve';

/** Sample data can't be acted upon. */
export function canAct(): boolean {
  return !isSample;
}

/** What can be done about an incident by hand. What needs no more words is done at once. */
export function ActionButtons({ acted, shown, show }: ActionButtonsProps) {
  const { send, problem } = useDeed(acted);
  const { state, acknowledged, muted } = acted.incident;
  if (!canAct()) return null;
  const isOpen = state === 'open';
  const opener = (form: FormName, label: string) => (
    <button type="button" aria-expanded={shown === form} onClick={() => show(shown === form ? undefined : form)}>
      {label}
    </button>
  );
  return (
    <>
      {isOpen &&
        !acknowledged &&
        (myName.value === '' ? (
          opener('acknowledge', 'Acknowledge')
        ) : (
          <button type="button" onClick={() => send('acknowledge', { acknowledged: true })}>
            Acknowledge
          </button>
        ))}
      {opener('note', 'Note')}
      {isOpen && !muted && opener('mute', 'Mute')}
      {isOpen && opener('resolve', 'Resolve')}
      <Refused problem={problem} />
    </>
  );
}

interface ActionButtonsProps {
  readonly acted: Acted;
  readonly shown: FormName | undefined;
  show(form: FormName | undefined): void;
}

/** The form of an action, under the head of the page. Escape closes it. */
export function ActionForm({ acted, form, close }: { acted: Acted; form: FormName; close(): void }) {
  const { send, problem } = useDeed(acted);
  const [text, setText] = useState('');
  const frame = useRef<HTMLFormElement>(null);
  useFormFocus(frame, form);
  const done = async (sent: Promise<boolean>) => {
    if (await sent) close();
  };
  const submit = () => {
    if (form === 'acknowledge') return done(send('acknowledge', { acknowledged: true }));
    if (form === 'note') return done(send('note', { text }));
    return done(send('resolve', {}));
  };
  return (
    <form
      ref={frame}
      class="card action-form"
      aria-label={LABELS[form]}
      onSubmit={(event) => {
        event.preventDefault();
        if (form !== 'mute') void submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      {form === 'resolve' && <p>Closes the incident. A call that fails this way within an hour reopens it.</p>}
      <div class="fields-line">
        <NameField isFirst={form !== 'note' || myName.value === ''} />
        {form === 'note' && (
          <label class="field note-field">
            Note
            <textarea
              rows={2}
              required
              maxLength={2000}
              data-first={myName.value === '' ? undefined : true}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
        )}
        {form === 'mute' ? (
          <MuteFields mute={(until) => void done(send('mute', { until }))} />
        ) : (
          <button type="submit" class="primary">
            {LABELS[form]}
          </button>
        )}
        <button type="button" class="plain" onClick={close}>
          Cancel
        </button>
      </div>
      <Refused problem={problem} />
    </form>
  );
}

const LABELS: Record<FormName, string> = {
  acknowledge: 'Acknowledge',
  note: 'Add note',
  mute: 'Mute',
  resolve: 'Resolve',
};

/** Takes something back where it is told. */
export function UndoButton<Verb extends 'acknowledge' | 'mute'>(props: {
  acted: Acted;
  verb: Verb;
  what: Deeds[Verb];
  label: string;
}) {
  const { send, problem } = useDeed(props.acted);
  if (!canAct()) return null;
  return (
    <>
      <button type="button" class="small" onClick={() => send(props.verb, props.what)}>
        {props.label}
      </button>
      <Refused problem={problem} />
    </>
  );
}

/** Why an action was refused, in place. */
export function Refused({ problem }: { problem: Problem | undefined }) {
  if (!problem || problem.status === 401) return null;
  return (
    <span class="bad" role="alert">
      {problem.detail}
    </span>
  );
}
