import { useState } from 'preact/hooks';
import type { Problem } from '../api/client.ts';
import { signIn } from '../api/signIn.ts';
import { Heading } from './heading.tsx';

/** Asks for API_TOKEN if the service has one. The browser then has a session, and the token is kept nowhere. */
export function TokenForm() {
  const [problem, setProblem] = useState<Problem | undefined>();
  const isWrong = problem?.status === 401;
  return (
    <section class="token" aria-label="Token">
      <Heading title="Enter the API token" />
      <p>This service requires its API_TOKEN. You stay signed in for 24 hours.</p>
      <form
        class="fields-line"
        onSubmit={(event) => {
          event.preventDefault();
          const given = String(new FormData(event.currentTarget).get('token') ?? '').trim();
          if (given !== '') void signIn(given).then(setProblem);
        }}
      >
        <label class="field">
          API_TOKEN
          <input
            name="token"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby={problem ? 'sign-in-problem' : undefined}
            aria-invalid={isWrong}
          />
        </label>
        <button type="submit" class="primary">
          Show why calls fail
        </button>
      </form>
      {problem && (
        <p id="sign-in-problem" class="notice notice-bad" role="alert">
          {isWrong ? 'Wrong token. Compare it with the service’s API_TOKEN.' : problem.detail}
        </p>
      )}
    </section>
  );
}
