import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { CopyButton } from '../parts/copyButton.tsx';
import { type Entered, EXAMPLE, enteredIn, type Fault, type Field, isJson } from './checkQuestion.ts';

const SRTP = { '': 'unknown', offered: 'offered', none: 'not offered' };

interface CheckFormProps {
  readonly entered: Entered;
  readonly fault: Fault | undefined;
  readonly isAsking: boolean;
  readonly onCheck: (entered: Entered) => void;
}

/** The question on one line. A dial verb says itself what it sends, so those fields are then off. */
export function CheckForm({ entered, fault, isAsking, onCheck }: CheckFormProps) {
  const [isVerb, setIsVerb] = useState(isJson(entered.to ?? ''));
  const [auth, setAuth] = useState(entered.auth ?? '');
  /** What ties a field to its fault. */
  const marked = (field: Field) => ({
    id: `check-${field}`,
    name: field,
    'aria-invalid': fault?.field === field,
    'aria-describedby': fault?.field === field ? `fault-of-${field}` : undefined,
  });
  const fieldOf = (field: Field, label: string, control: ComponentChildren) => (
    <div class={`field field-${field}`}>
      <label for={`check-${field}`}>{label}</label>
      {control}
      {fault?.field === field && (
        <span id={`fault-of-${field}`} class="fault bad" role="alert">
          {fault.text}
        </span>
      )}
    </div>
  );
  return (
    <form
      class="check-form"
      onSubmit={(event) => {
        event.preventDefault();
        onCheck(enteredIn(new FormData(event.currentTarget)));
      }}
    >
      <div class="check-line">
        {fieldOf(
          'to',
          'To: number, SIP URI, or dial verb as JSON',
          <textarea
            {...marked('to')}
            rows={1}
            required
            spellcheck={false}
            placeholder="sip:+441632960001@example.sip.livekit.cloud"
            onInput={(event) => setIsVerb(isJson(event.currentTarget.value))}
            onKeyDown={submitOnEnter}
          >
            {entered.to}
          </textarea>,
        )}
        {fieldOf(
          'from',
          'From',
          <input {...marked('from')} defaultValue={entered.from} autocomplete="off" placeholder="+4915112345678" />,
        )}
        {fieldOf(
          'source',
          'Source address',
          <input {...marked('source')} defaultValue={entered.source} autocomplete="off" placeholder="SBC’s address" />,
        )}
        {fieldOf(
          'auth',
          'Credentials',
          <select
            {...marked('auth')}
            disabled={isVerb}
            value={isVerb ? 'verb' : auth}
            onChange={(event) => setAuth(event.currentTarget.value)}
          >
            {isVerb && <option value="verb">as in the verb</option>}
            <option value="">unknown</option>
            <option value="none">none sent</option>
            <option value="username">username …</option>
          </select>,
        )}
        {auth === 'username' &&
          !isVerb &&
          fieldOf(
            'username',
            'Username',
            <input {...marked('username')} defaultValue={entered.username} autocomplete="off" />,
          )}
        <button type="submit" class="primary" disabled={isAsking}>
          Check
        </button>
      </div>
      <details open={entered.srtp !== undefined}>
        <summary>SRTP, example</summary>
        <div class="fields-line">
          {fieldOf(
            'srtp',
            'SRTP',
            <select {...marked('srtp')} disabled={isVerb}>
              {Object.entries(SRTP).map(([value, text]) => (
                <option key={value} value={value} selected={value === (entered.srtp ?? '')}>
                  {text}
                </option>
              ))}
            </select>,
          )}
          <CopyButton text={EXAMPLE} what="an example dial verb" label="Copy an example" />
        </div>
      </details>
    </form>
  );
}

/** Enter checks, as in a field of one line; in JSON it begins a new line. */
function submitOnEnter(event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }): void {
  if (event.key !== 'Enter' || event.shiftKey || isJson(event.currentTarget.value)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
