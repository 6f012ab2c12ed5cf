import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 0 auto; padding: 1rem; }
nav a { margin-right: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
label { display: block; margin: .5rem 0; }
input, textarea { font: inherit; width: 100%; max-width: 40rem; }
`;

/** What the page may do: be styled by its own style and send its own form; no script, nothing from elsewhere. */
export const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** Text as HTML. Everything that comes from a webhook or from LiveKit goes through here. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A whole page around `body`, which must be HTML already. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)} · sipwhy</title><style>${STYLE}</style></head>
<body>
<nav><a href="/">Calls</a><a href="/?view=check">Would this call connect?</a><a href="/?view=audit">Trunks and rules</a><a href="/?view=history">History</a></nav>
<main><h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

export interface ListedCall {
  readonly call_sid: string;
  readonly cause: string | null;
  readonly party: string | null;
  readonly outcome: string;
  readonly summary: string;
  readonly settled_at: string;
}

/** The latest attempts, failures first in the eye: what, who must act, when. */
export function callsPage(calls: readonly ListedCall[]): string {
  if (calls.length === 0)
    return page('Calls', '<p>No call is over yet. The README says how to connect Jambonz and LiveKit.</p>');
  const rows = calls.map(
    ({ call_sid, cause, party, outcome, summary, settled_at }) =>
      `<tr><td>${escapeHtml(settled_at)}</td><td><a href="/?call=${encodeURIComponent(call_sid)}">${escapeHtml(cause ?? outcome)}</a></td><td>${escapeHtml(party ?? '')}</td><td>${escapeHtml(summary)}</td></tr>`,
  );
  const head =
    '<tr><th scope="col">Over at</th><th scope="col">Cause</th><th scope="col">Party</th><th scope="col">What</th></tr>';
  return page('Calls', `<table><thead>${head}</thead><tbody>${rows.join('\n')}</tbody></table>`);
}

/** A page of text as a terminal would show it. */
export function textPage(title: string, text: string): string {
  return page(title, `<pre>${escapeHtml(text)}</pre>`);
}

/** The form of `check`, with what was asked before and its answer. */
export function checkPage(asked: Readonly<Record<string, string>>, answer: string | undefined): string {
  const field = (name: string, label: string) =>
    `<label>${label}<input name="${name}" value="${escapeHtml(asked[name] ?? '')}"></label>`;
  const form = `<form><input type="hidden" name="view" value="check">
${field('to', 'Called number or SIP URI')}
<label>or a Jambonz dial verb (JSON)<textarea name="dial" rows="6">${escapeHtml(asked.dial ?? '')}</textarea></label>
${field('caller', 'Caller')}${field('source', 'Source address (empty: JAMBONZ_SBC_ADDRESSES)')}
${field('auth_username', 'Username sent (empty: not known; false: no credentials)')}
<button>Check</button></form>`;
  return page(
    'Would this call connect?',
    answer === undefined ? form : `${form}<h2>Answer</h2><pre>${escapeHtml(answer)}</pre>`,
  );
}
