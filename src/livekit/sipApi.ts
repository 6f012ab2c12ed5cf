import {
  ListSIPDispatchRuleRequest,
  ListSIPDispatchRuleResponse,
  ListSIPInboundTrunkRequest,
  ListSIPInboundTrunkResponse,
  Pagination,
} from '@livekit/protocol';
import { AccessToken } from 'livekit-server-sdk';
import { type Agent, errors, request } from 'undici';
import { readJson } from '../files/jsonText.ts';
import { boundedAgent } from '../loop/boundedAgent.ts';
import { networkFault } from '../loop/networkFault.ts';

/** The bounds of one reading of LiveKit's configuration. */
export interface ReadingLimits {
  /** How long, in milliseconds, LiveKit may take for one answer. */
  readonly answerMs: number;
  /** How long, in milliseconds, the whole reading may take. */
  readonly readingMs: number;
  /** The size of all answers together. */
  readonly bytes: number;
  /** How many answers each of the two lists may take. */
  readonly pages: number;
  /** How many items each of the two lists may have. */
  readonly items: number;
}

export const READING_LIMITS: ReadingLimits = {
  answerMs: 8_000,
  readingMs: 30_000,
  bytes: 32 * 1024 * 1024,
  pages: 1_000,
  items: 50_000,
};

interface Listed {
  toJson(options: { useProtoFieldName: boolean }): unknown;
}

/** One of LiveKit's lists, as its API has it. */
interface List<T extends Listed> {
  readonly method: string;
  body(page: Pagination | undefined): object;
  itemsOf(json: object): T[];
  idOf(item: T): string;
}

const TRUNKS: List<ListSIPInboundTrunkResponse['items'][number]> = {
  method: 'ListSIPInboundTrunk',
  // The casts: protobuf makes an object of a message, and checks what it reads.
  body: (page) => new ListSIPInboundTrunkRequest(page && { page }).toJson() as object,
  itemsOf: (json) => ListSIPInboundTrunkResponse.fromJson(json as never, { ignoreUnknownFields: true }).items,
  idOf: (trunk) => trunk.sipTrunkId,
};
const RULES: List<ListSIPDispatchRuleResponse['items'][number]> = {
  method: 'ListSIPDispatchRule',
  body: (page) => new ListSIPDispatchRuleRequest(page && { page }).toJson() as object,
  itemsOf: (json) => ListSIPDispatchRuleResponse.fromJson(json as never, { ignoreUnknownFields: true }).items,
  idOf: (rule) => rule.sipDispatchRuleId,
};

/**
 * Reads LiveKit's trunks and dispatch rules. The SDK's client bounds neither the size of an answer nor their number, and
 * takes its token along when it is redirected.
 */
export class SipApi {
  readonly #origin: string;
  readonly #key: string;
  readonly #secret: string;
  readonly #limits: ReadingLimits;

  constructor(url: string, apiKey: string, apiSecret: string, limits = READING_LIMITS) {
    // Credentials in the URL are not LiveKit's, and a path is never part of its API's address.
    this.#origin = new URL(url.replace(/^ws/i, 'http')).origin;
    this.#key = apiKey;
    this.#secret = apiSecret;
    this.#limits = limits;
  }

  /** All trunks and rules as LiveKit's JSON, passwords included. Rejects within the limits. */
  async lists(): Promise<{ readonly trunks: readonly unknown[]; readonly rules: readonly unknown[] }> {
    const reading = new Reading(this.#limits);
    const agent = boundedAgent(this.#limits);
    try {
      const [trunks, rules] = await Promise.all([this.#all(TRUNKS, reading, agent), this.#all(RULES, reading, agent)]);
      return { trunks, rules };
    } finally {
      await agent.destroy();
    }
  }

  /**
   * Requests pages until one has nothing new. A server without paging answers every request with everything, and a
   * server with paging may return fewer items than requested.
   */
  async #all<T extends Listed>(list: List<T>, reading: Reading, agent: Agent): Promise<unknown[]> {
    const { pages, items: most } = this.#limits;
    const items = new Map<string, T>();
    let last = '';
    for (let number = 1; number <= pages; number += 1) {
      const page = items.size === 0 ? undefined : new Pagination({ afterId: last });
      const json = await this.#ask(list.method, list.body(page), reading, agent);
      const before = items.size;
      const listed = itemsIn(list, json);
      if (listed.length > most) throw tooMany(list.method, `${most} items`);
      for (const item of listed) {
        const id = list.idOf(item);
        if (!items.has(id)) items.set(id, item);
        if (id > last) last = id;
      }
      if (items.size === before) return [...items.values()].map((item) => item.toJson({ useProtoFieldName: true }));
      if (items.size > most) throw tooMany(list.method, `${most} items`);
    }
    throw tooMany(list.method, `${pages} pages`);
  }

  /** The JSON of one answer. Errors never quote it, because it may repeat the token. */
  async #ask(method: string, body: object, reading: Reading, agent: Agent): Promise<object> {
    const { status, text } = await this.#post(method, JSON.stringify(body), reading, agent);
    if (status !== 200) throw new Error(`LiveKit answered ${status} to ${method}${remedyOf(status)}`);
    const answer = readJson(text);
    if (!answer.ok) throw new Error(`LiveKit’s answer to ${method} is ${answer.fault}`);
    if (typeof answer.json !== 'object' || answer.json === null)
      throw new Error(`LiveKit’s answer to ${method} is not a JSON object`);
    return answer.json;
  }

  async #post(method: string, body: string, reading: Reading, agent: Agent): Promise<{ status: number; text: string }> {
    const token = new AccessToken(this.#key, this.#secret, { ttl: '10m' });
    token.addSIPGrant({ admin: true });
    const authorization = `Bearer ${await token.toJwt()}`;
    try {
      const { statusCode: status, body: answer } = await request(`${this.#origin}/twirp/livekit.SIP/${method}`, {
        method: 'POST',
        dispatcher: agent,
        signal: reading.signal(),
        headers: { authorization, 'content-type': 'application/json', 'user-agent': 'sipwhy' },
        body,
      });
      if (status !== 200) {
        await answer.dump();
        return { status, text: '' };
      }
      const chunks: Buffer[] = [];
      for await (const chunk of answer) {
        reading.add(chunk.length);
        chunks.push(chunk);
      }
      return { status, text: Buffer.concat(chunks).toString('utf8') };
    } catch (error) {
      throw reading.explained(error, method);
    }
  }
}

function remedyOf(status: number): string {
  if (status >= 300 && status < 400) return ': a redirect is not followed; set LIVEKIT_URL to the address itself';
  if (status === 401) return ': check LIVEKIT_API_KEY and LIVEKIT_API_SECRET';
  return status === 404 ? ': check LIVEKIT_URL' : '';
}

function tooMany(method: string, what: string): Error {
  return new Error(`LiveKit’s answers to ${method} have more than ${what}`);
}

function itemsIn<T extends Listed>(list: List<T>, json: object): T[] {
  try {
    return list.itemsOf(json);
  } catch {
    // Its message quotes the answer.
    throw new Error(`LiveKit’s answer to ${list.method} has an unexpected form`);
  }
}

/** One reading, with what it has used of its limits. */
class Reading {
  readonly #limits: ReadingLimits;
  readonly #whole: AbortSignal;
  #bytes = 0;

  constructor(limits: ReadingLimits) {
    this.#limits = limits;
    this.#whole = AbortSignal.timeout(limits.readingMs);
  }

  /** Aborts one request when its time is up, or the reading's. */
  signal(): AbortSignal {
    return AbortSignal.any([this.#whole, AbortSignal.timeout(this.#limits.answerMs)]);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytes) throw new errors.ResponseExceededMaxSizeError();
  }

  /** An error for the operator. It leaves the cause out, because undici puts bytes of the answer there. */
  explained(error: unknown, method: string): Error {
    const { answerMs, readingMs, bytes } = this.#limits;
    if (error instanceof errors.ResponseExceededMaxSizeError)
      return new Error(`LiveKit’s lists are larger than ${bytes / 1024 / 1024} MiB`);
    if (this.#whole.aborted) return timeoutError(`LiveKit took longer than ${readingMs / 1000} s for its lists`);
    const isLate =
      error instanceof errors.ConnectTimeoutError ||
      error instanceof errors.HeadersTimeoutError ||
      error instanceof errors.BodyTimeoutError ||
      (error instanceof Error && error.name === 'TimeoutError');
    if (isLate) return timeoutError(`LiveKit took longer than ${answerMs / 1000} s to answer ${method}`);
    return new Error(`LiveKit cannot be asked for its configuration: ${networkFault(error)}`);
  }
}

function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}
