export const EXAMPLE = `{
  "verb": "dial",
  "target": [
    {
      "type": "sip",
      "sipUri": "sip:+441632960001@example.sip.livekit.cloud",
      "auth": { "username": "livekit_client", "password": "…" }
    }
  ]
}`;

type Read = { readonly ok: true; readonly body: object } | { readonly ok: false; readonly fault: string };

/**
 * The API's request body, from the form. Text in braces or brackets is a dial verb or a createCall body; any other
 * text is whom to call.
 */
export function questionFrom(form: FormData): Read {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const given = (name: string) => (text(name) === '' ? {} : { [name]: text(name) });
  const what = text('what');
  if (/^[[{]/.test(what)) {
    try {
      return { ok: true, body: { dial: JSON.parse(what), ...given('caller'), ...given('source') } };
    } catch (error) {
      // What JSON.parse throws is an Error.
      return { ok: false, fault: `The dial verb or createCall body is not valid JSON: ${(error as Error).message}.` };
    }
  }
  const auth = text('auth');
  if (auth === 'username' && text('username') === '') return { ok: false, fault: 'Enter the username.' };
  return {
    ok: true,
    body: {
      to: what,
      ...given('caller'),
      ...given('source'),
      ...(auth === 'none' && { auth_username: false }),
      ...(auth === 'username' && { auth_username: text('username') }),
      ...(text('srtp') !== '' && { srtp: text('srtp') === 'offered' }),
    },
  };
}
