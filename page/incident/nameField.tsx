import { myName, rememberMyName } from '../text/myName.ts';

/** Asks for the name under which somebody acts; prefilled once it is known. */
export function NameField({ isFirst }: { isFirst: boolean }) {
  return (
    <label class="field">
      Your name
      <input
        type="text"
        autocomplete="name"
        maxLength={100}
        data-first={isFirst || undefined}
        value={myName.value}
        onChange={(event) => rememberMyName(event.currentTarget.value.trim())}
      />
    </label>
  );
}
