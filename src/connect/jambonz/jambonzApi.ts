import { readJson } from '../../files/jsonText.ts';
import { ask, type BoundedAnswer, type RequestLimits } from '../boundedRequest.ts';
import { ConnectFault } from '../connectFault.ts';
import { maskUrl, quote } from '../masked.ts';
import * as answers from './jambonzAnswers.ts';

/** An application may hold a script, and all of an account's are in one answer. */
const LIMITS: RequestLimits = { answerMs: 10_000, bytes: 8 * 1024 * 1024 };

/** A hook to set. */
export interface NewHook {
  readonly url: string;
  readonly method: 'POST';
  readonly username?: string;
  readonly password?: string;
}

interface Form<T> {
  Check(value: unknown): value is T;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** What it is about, as the object of "can't …". */
  readonly what: string;
  readonly body?: object;
}

/** Jambonz's REST API, with an API key. Everything that fails rejects with a `ConnectFault`. */
export class JambonzApi {
  readonly #base: string;
  readonly #key: string;

  /** `url` as the operator wrote it; `/v1` is appended if it is missing. */
  constructor(url: string, key: string) {
    this.#base = apiBase(url);
    this.#key = key;
  }

  get base(): string {
    return this.#base;
  }

  accounts(): Promise<answers.JambonzAccount[]> {
    return this.#read({ method: 'GET', path: '/Accounts', what: 'list the accounts' }, answers.accounts);
  }

  account(sid: string): Promise<answers.JambonzAccount> {
    return this.#read(
      { method: 'GET', path: `/Accounts/${encodeURIComponent(sid)}`, what: `read the account ${sid}` },
      answers.account,
    );
  }

  applications(accountSid: string): Promise<answers.JambonzApplication[]> {
    const path = `/Accounts/${encodeURIComponent(accountSid)}/Applications`;
    return this.#read({ method: 'GET', path, what: 'list the applications' }, answers.applications);
  }

  application(sid: string): Promise<answers.JambonzApplication> {
    const what = `read the application ${sid}`;
    return this.#read({ method: 'GET', path: `/Applications/${encodeURIComponent(sid)}`, what }, answers.application);
  }

  /** `undefined` if the account has none. Never asks for a new one, which would break the old. */
  async webhookSecret(accountSid: string): Promise<string | undefined> {
    const path = `/Accounts/${encodeURIComponent(accountSid)}/WebhookSecret`;
    const call: Call = { method: 'GET', path, what: 'read the webhook secret' };
    return (await this.#read(call, answers.webhookSecret)).webhook_secret || undefined;
  }

  /** The SBCs of a service provider, or those that all share if it has none of its own. */
  sbcs(serviceProviderSid: string | undefined): Promise<answers.JambonzSbc[]> {
    const query = serviceProviderSid ? `?service_provider_sid=${encodeURIComponent(serviceProviderSid)}` : '';
    return this.#read({ method: 'GET', path: `/Sbcs${query}`, what: 'list the SBCs' }, answers.sbcs);
  }

  /**
   * Sets the hook in the documented way. Returns false if Jambonz wants the call_hook along with it: most releases do for
   * the key of an account (`validateUpdate` in its applications.js).
   */
  async setStatusHook(applicationSid: string, hook: NewHook): Promise<boolean> {
    const call = this.#update(applicationSid, { call_status_hook: hook });
    const answer = await this.#send(call);
    if (answer.status === 400 && /must be an object/.test(this.#said(answer))) return false;
    this.#expectSuccess(call, answer);
    return true;
  }

  /** Makes a hook that no application has yet. Returns its sid. */
  async makeHook(hook: NewHook): Promise<string> {
    const call: Call = { method: 'POST', path: '/Webhooks', what: 'make a webhook', body: hook };
    return (await this.#read(call, answers.created)).sid;
  }

  /** Lets the application use an existing hook, or none. Changes no hook. */
  async pointStatusHook(applicationSid: string, webhookSid: string | null): Promise<void> {
    const call = this.#update(applicationSid, { call_status_hook_sid: webhookSid });
    this.#expectSuccess(call, await this.#send(call));
  }

  /** The alerts of the last day, at most 100. */
  async alerts(accountSid: string): Promise<answers.JambonzAlert[]> {
    const path = `/Accounts/${encodeURIComponent(accountSid)}/Alerts?page=1&count=100&days=1`;
    return (await this.#read({ method: 'GET', path, what: 'read the alerts' }, answers.alerts)).data;
  }

  /** The ended calls of the last day, at most 100. */
  async recentCalls(accountSid: string): Promise<answers.JambonzRecentCall[]> {
    const path = `/Accounts/${encodeURIComponent(accountSid)}/RecentCalls?page=1&count=100&days=1`;
    return (await this.#read({ method: 'GET', path, what: 'read the recent calls' }, answers.recentCalls)).data;
  }

  /** The calls that go on now. */
  calls(accountSid: string): Promise<answers.JambonzCall[]> {
    const path = `/Accounts/${encodeURIComponent(accountSid)}/Calls`;
    return this.#read({ method: 'GET', path, what: 'list the calls' }, answers.calls);
  }

  #update(applicationSid: string, body: object): Call {
    return {
      method: 'PUT',
      path: `/Applications/${encodeURIComponent(applicationSid)}`,
      what: 'set the call_status_hook',
      body,
    };
  }

  async #read<T>(call: Call, form: Form<T>): Promise<T> {
    const answer = await this.#send(call);
    this.#expectSuccess(call, answer);
    const json = readJson(answer.text);
    if (!json.ok || !form.Check(json.json)) {
      const fault = json.ok ? 'is not what Jambonz’s API returns' : `is ${json.fault}`;
      throw new ConnectFault(
        `can’t ${call.what}: the answer of ${maskUrl(this.#base)} ${fault}; check that JAMBONZ_API_URL is the API, not the portal`,
      );
    }
    return json.json;
  }

  async #send({ method, path, what, body }: Call): Promise<BoundedAnswer> {
    const url = this.#base + path;
    const result = await ask({ url, method, token: this.#key, ...(body !== undefined && { body }) }, LIMITS);
    if (result.ok) return result.answer;
    throw new ConnectFault(`can’t ${what}: ${maskUrl(this.#base)} can’t be asked: ${result.fault}`);
  }

  #expectSuccess({ what }: Call, answer: BoundedAnswer): void {
    const { status } = answer;
    if (status >= 200 && status < 300) return;
    const said = this.#said(answer);
    throw new ConnectFault(`can’t ${what}: Jambonz answered ${status}${said && ` "${said}"`}${remedyOf(answer)}`);
  }

  /** What Jambonz says about a failure; empty if it says nothing. Text of a proxy is not repeated. */
  #said({ text }: BoundedAnswer): string {
    const json = readJson(text);
    if (!json.ok || !answers.refusal.Check(json.json)) return '';
    return quote(json.json.msg ?? json.json.message ?? '', [this.#key]);
  }
}

function remedyOf({ status, retryAfterSeconds }: BoundedAnswer): string {
  if (status >= 300 && status < 400) return ': a redirect is not followed; set JAMBONZ_API_URL to the address itself';
  switch (status) {
    case 401:
      return ': set JAMBONZ_API_KEY to a valid API key of the account';
    case 403:
      return ': JAMBONZ_API_KEY may not do this; use a key of the account that owns the application';
    case 404:
      return ': check the sid, and that JAMBONZ_API_URL is the base of the API, such as https://api.jambonz.cloud/v1';
    case 429:
      return `: it limits requests; try again in ${retryAfterSeconds === undefined ? 'a few minutes' : `${retryAfterSeconds} s`}`;
    default:
      return '';
  }
}

function apiBase(url: string): string {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, '');
  return origin + (/\/v\d+$/.test(path) ? path : `${path}/v1`);
}
