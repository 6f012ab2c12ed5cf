import { keepToken, refused } from '../api/apiToken.ts';
import { Heading } from './heading.tsx';

/** Asks for API_TOKEN if the service has one. The token is kept in the tab's session storage. */
export function TokenForm() {
  return (
    <section class="token" aria-label="Token">
      <Heading title="Enter the API token" />
      <p>This service requires its API_TOKEN. This tab keeps the token until you close it.</p>
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
          Wrong token. Compare it with the service’s API_TOKEN.
        </p>
      )}
    </section>
  );
}
