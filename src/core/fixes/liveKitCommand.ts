import { type Paste, pasteOf, pretty, shellQuote } from './fix.ts';

// Commands that change LiveKit's configuration. They run as they are in any POSIX shell, with LIVEKIT_URL,
// LIVEKIT_API_KEY and LIVEKIT_API_SECRET in the environment. Each is offered for lk where its flags can say the very
// change, and for curl, which says everything.

/** A call of LiveKit's SIP API: its Twirp method and its body. */
export interface ApiCall {
  readonly method: string;
  readonly body: object;
}

/** API calls one after the other; each only after the one before succeeded. */
export function curlPaste(calls: readonly ApiCall[]): Paste {
  return shellPaste('curl', calls.map(curl));
}

/** lk commands, each as its words. */
export function lkPaste(commands: readonly (readonly string[])[]): Paste {
  return shellPaste(
    'lk',
    commands.map((words) => `lk ${words.map(shellWord).join(' ')}`),
  );
}

/**
 * Creates a trunk, and then a dispatch rule whose trunk is the new one. Without the trunk's id the rule would take the
 * calls of every trunk, so it is not created then.
 */
export function creationPastes(trunk: object, ruleFor: (trunkId: string) => object): Paste[] {
  const trunkBody = { trunk };
  const ruleBody = { dispatch_rule: ruleFor(NEW_ID) };
  const created = (command: string, idIn: string) => `trunk=$(${command} |\n  sed -n ${shellQuote(idIn)})`;
  const withId = (command: string) => command.replace(NEW_ID, () => NEW_ID_IN_SHELL);
  return [
    shellPaste('lk', [
      created(`lk sip inbound create ${jsonWord(trunkBody)}`, 's/^SIPTrunkID: //p'),
      withId(`lk sip dispatch create ${jsonWord(ruleBody)}`),
    ]),
    shellPaste('curl', [
      created(curl({ method: 'CreateSIPInboundTrunk', body: trunkBody }), 's/.*"sip_trunk_id": *"\\([^"]*\\)".*/\\1/p'),
      withId(curl({ method: 'CreateSIPDispatchRule', body: ruleBody })),
    ]),
  ];
}

/** Stands for an id that only the first command's answer gives. */
const NEW_ID = 'ST_NEW';
const NEW_ID_IN_SHELL = `'"\${trunk:?no trunk was created}"'`;
/** The same where there is no shell: a person fills it in. */
const NEW_ID_TO_FILL_IN = '<the sip_trunk_id of the first answer>';

/** The API calls that a curl command makes, in their order. `text` was made here. */
export function apiCallsOf(text: string): ApiCall[] {
  // No quote stands within a quoted body; see `withoutQuotes`.
  const calls = text.replaceAll(NEW_ID_IN_SHELL, NEW_ID_TO_FILL_IN).matchAll(CURL);
  // The cast: a body is written from an object.
  return [...calls].map(([, method = '', body = '']) => ({ method, body: JSON.parse(body) as object }));
}

const CURL = /\/twirp\/livekit\.SIP\/(\w+)" -H 'Content-Type: application\/json' -d '([^']*)'/g;

/** Whether lk takes a value of a list as it is. It splits values at commas, and cuts white space off. */
export function isForLk(value: string): boolean {
  return /^[^\s,\p{C}-](?:[^,\p{C}]*[^\s,\p{C}])?$/u.test(value);
}

function shellPaste(tool: 'lk' | 'curl', commands: readonly string[]): Paste {
  return pasteOf({ label: tool, format: 'shell', tool, text: commands.join(' &&\n') });
}

/** A word of a command; JSON stays readable. */
function shellWord(word: string): string {
  return word.startsWith('{') ? `'${withoutQuotes(word)}'` : shellQuote(word);
}

function jsonWord(body: object): string {
  return shellWord(pretty(body));
}

/**
 * JSON without characters that could end a shell's quotes, command a terminal, or turn the direction of text. An older
 * bash expands ! even in quotes that span lines.
 */
function withoutQuotes(json: string): string {
  return json.replace(/(?!\n)['!\p{C}\u2028\u2029]/gu, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** LIVEKIT_URL may be a wss:// address; the API's is https://. */
const API = `"$(printf %s "\${LIVEKIT_URL:?}" | sed 's,^ws,http,;s,/*$,,')/twirp/livekit.SIP/`;

/** An access token for the SIP API. `lk token create` can't make one: it knows no grant for SIP. */
const TOKEN = [
  `-H "Authorization: Bearer $(b() { openssl base64 -A | tr '+/' '-_' | tr -d =; }`,
  `  t=$(printf '{"alg":"HS256"}' | b).$(printf '{"iss":"%s","exp":%d,"sip":{"admin":true}}' "\${LIVEKIT_API_KEY:?}" "$(($(date +%s) + 300))" | b)`,
  `  printf %s. "$t"; printf %s "$t" | openssl dgst -sha256 -binary -hmac "\${LIVEKIT_API_SECRET:?}" | b)"`,
].join('\n');

function curl({ method, body }: ApiCall): string {
  return `curl -sS --fail-with-body ${API}${method}" -H 'Content-Type: application/json' -d ${jsonWord(body)} \\\n  ${TOKEN}`;
}
