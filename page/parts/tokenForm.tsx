import { keepToken, refused } from '../api/apiToken.ts';
import { Heading } from './heading.tsx';

/** Asks for API_TOKEN where the service has one; it is kept for the session of the browser. */
export function TokenForm() {
  return (
    <section class="token" aria-label="Token">
      <Heading title="Which token?" />
      <p>This service answers only with its API_TOKEN. It is kept until the browser is closed.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const given = String(new FormData(event.currentTarget).get('token') ?? '').trim();
          if (given !== '') keepToken(given);
        }}
      >
        <label>
          API_TOKEN
          <input
            name="token"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby={refused.value === 'wrong' ? 'wrong-token' : undefined}
            aria-invalid={refused.value === 'wrong'}
          />
        </label>
        <button type="submit" class="primary">
          Show why calls fail
        </button>
      </form>
      {refused.value === 'wrong' && (
        <p id="wrong-token" class="notice notice-bad" role="alert">
          This is not the token. Compare it with API_TOKEN of the service.
        </p>
      )}
    </section>
  );
}
