import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export const ACCOUNT = '11111111-1111-4111-8111-111111111111';
export const APPLICATION = '22222222-2222-4222-8222-222222222222';
export const OTHER_APPLICATION = '33333333-3333-4333-8333-333333333333';
export const OLD_HOOK = '44444444-4444-4444-8444-444444444444';
export const CALL_HOOK = '55555555-5555-4555-8555-555555555555';
export const PROVIDER = '66666666-6666-4666-8666-666666666666';
export const ACCOUNT_KEY = 'key-of-the-account-7c9e6679';
export const PROVIDER_KEY = 'key-of-the-provider-550e8400';
export const WEBHOOK_SECRET = 'wh_secret_hR3vT9xKq2mZp7Lw';

interface Hook {
  webhook_sid: string;
  url: string;
  method: string;
  username: string | null;
  password: string | null;
}

interface Application {
  application_sid: string;
  name: string;
  account_sid: string;
  call_hook_sid: string | null;
  call_status_hook_sid: string | null;
}

export interface JambonzState {
  accounts: { account_sid: string; name: string; service_provider_sid: string; webhook_secret: string | null }[];
  applications: Application[];
  webhooks: Hook[];
  sbcs: { sbc_address_sid: string; ipv4: string; port: number; service_provider_sid: string | null }[];
  alerts: object[];
  recentCalls: object[];
  calls: object[];
  /** Answers in place of the API where it returns true. */
  instead?: (request: IncomingMessage, response: ServerResponse, body: string) => boolean;
}

export function someJambonz(): JambonzState {
  const hook = (webhook_sid: string, url: string): Hook => ({
    webhook_sid,
    url,
    method: 'POST',
    username: null,
    password: null,
  });
  const application = (application_sid: string, name: string): Application => ({
    application_sid,
    name,
    account_sid: ACCOUNT,
    call_hook_sid: CALL_HOOK,
    call_status_hook_sid: OLD_HOOK,
  });
  return {
    accounts: [{ account_sid: ACCOUNT, name: 'Acme', service_provider_sid: PROVIDER, webhook_secret: WEBHOOK_SECRET }],
    applications: [application(APPLICATION, 'Voice agent')],
    webhooks: [hook(OLD_HOOK, 'https://app.example.com/status'), hook(CALL_HOOK, 'https://app.example.com/call')],
    sbcs: [{ sbc_address_sid: randomUUID(), ipv4: '192.0.2.10', port: 5060, service_provider_sid: null }],
    alerts: [],
    recentCalls: [],
    calls: [],
  };
}

/**
 * Jambonz's REST API as its source has it: rows of the database, `{msg}` for errors, plain text of the authentication and
 * of the limiter, and a call_status_hook that the key of an account may only set along with the call_hook.
 */
export async function startJambonzApi(state: JambonzState, identity?: { readonly key: string; readonly cert: string }) {
  const requests: { method: string; url: string; body: string }[] = [];
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '' } = request;
    requests.push({ method, url, body });
    if (state.instead?.(request, response, body)) return;
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (key !== ACCOUNT_KEY && key !== PROVIDER_KEY) {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="Users"' }).end('Unauthorized');
      return;
    }
    const isAccountKey = key === ACCOUNT_KEY;
    const { status, json } = answer(state, { method, url: new URL(url, 'http://api'), body, isAccountKey });
    if (json === undefined) response.writeHead(status).end();
    else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  };
  const server = identity ? createSecureServer(identity, onRequest) : createServer(onRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The cast holds for a server that listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity ? 'https' : 'http'}://127.0.0.1:${port}/v1`,
    requests,
    /** The requests that change something, as method and path. */
    changes: () => requests.filter(({ method }) => method !== 'GET').map(({ method, url }) => `${method} ${url}`),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly isAccountKey: boolean;
}

type Answer = { readonly status: number; readonly json?: unknown };

const NOT_FOUND: Answer = { status: 404 };
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

function answer(state: JambonzState, asked: Asked): Answer {
  const [, , resource = '', sid = '', part = ''] = asked.url.pathname.split('/');
  if (sid !== '' && !UUID.test(sid)) return { status: 400, json: { msg: 'Bad request' } };
  if (resource === 'Accounts') return accountAnswer(state, asked, sid, part);
  if (resource === 'Applications' && sid !== '') return applicationAnswer(state, asked, sid);
  if (resource === 'Webhooks' && asked.method === 'POST') return { status: 201, json: { sid: madeHook(state, asked) } };
  if (resource === 'Sbcs') {
    const provider = asked.isAccountKey ? PROVIDER : asked.url.searchParams.get('service_provider_sid');
    const own = state.sbcs.filter(({ service_provider_sid: sid }) => sid === provider);
    return { status: 200, json: own.length > 0 ? own : state.sbcs.filter(({ service_provider_sid: sid }) => !sid) };
  }
  return NOT_FOUND;
}

function accountAnswer(state: JambonzState, asked: Asked, sid: string, part: string): Answer {
  if (sid === '') return { status: 200, json: state.accounts };
  const account = state.accounts.find(({ account_sid }) => account_sid === sid);
  if (!account) {
    return asked.isAccountKey ? { status: 403, json: { msg: 'insufficient permissions' } } : NOT_FOUND;
  }
  const lists: Record<string, unknown> = {
    '': account,
    WebhookSecret: { webhook_secret: account.webhook_secret },
    Applications: state.applications.filter(({ account_sid }) => account_sid === sid).map((row) => shown(state, row)),
    Alerts: { total: state.alerts.length, batch: 1, page: 1, data: state.alerts },
    RecentCalls: { total: state.recentCalls.length, batch: 1, page: 1, data: state.recentCalls },
    Calls: state.calls,
  };
  return part in lists ? { status: 200, json: lists[part] } : NOT_FOUND;
}

function applicationAnswer(state: JambonzState, asked: Asked, sid: string): Answer {
  const row = state.applications.find(({ application_sid }) => application_sid === sid);
  if (!row) return asked.method === 'PUT' ? { status: 403, json: { msg: 'insufficient privileges' } } : NOT_FOUND;
  if (asked.method === 'GET') return { status: 200, json: shown(state, row) };
  const body = JSON.parse(asked.body);
  if (asked.isAccountKey && body.call_status_hook && typeof body.call_hook !== 'object') {
    return { status: 400, json: { msg: "'call_status_hook' must be an object when updating an application" } };
  }
  if (body.call_status_hook)
    row.call_status_hook_sid = madeHook(state, { ...asked, body: JSON.stringify(body.call_status_hook) });
  if ('call_status_hook_sid' in body) row.call_status_hook_sid = body.call_status_hook_sid;
  return { status: 204 };
}

function madeHook(state: JambonzState, { body }: Asked): string {
  const webhook_sid = randomUUID();
  state.webhooks.push({ method: 'POST', username: null, password: null, ...JSON.parse(body), webhook_sid });
  return webhook_sid;
}

/** A row as the API shows it: the hooks in place of their sids. */
function shown(state: JambonzState, { call_hook_sid, call_status_hook_sid, ...row }: Application) {
  const hook = (sid: string | null) => state.webhooks.find(({ webhook_sid }) => webhook_sid === sid) ?? null;
  return { ...row, call_hook: hook(call_hook_sid), call_status_hook: hook(call_status_hook_sid), messaging_hook: null };
}
