import {
  ListSIPDispatchRuleRequest,
  ListSIPDispatchRuleResponse,
  ListSIPInboundTrunkRequest,
  ListSIPInboundTrunkResponse,
  Pagination,
  SIPDispatchRuleInfo,
  SIPInboundTrunkInfo,
} from '@livekit/protocol';
import { AccessToken } from 'livekit-server-sdk';
import { type Agent, request } from 'undici';
import { readJson } from '../files/jsonText.ts';
import { boundedAgent } from '../loop/boundedAgent.ts';
import { ApiReading, READING_LIMITS, type ReadingLimits } from './apiReading.ts';

interface Listed {
  toJson(options: { useProtoFieldName: boolean }): unknown;
}

/** One of LiveKit's lists, as its API has it. */
interface List<T extends Listed> {
  readonly method: string;
  body(page: Pagination | undefined): object;
  itemsOf(json: object): T[];
  idOf(item: T): string;
  /** Throws if the JSON of an item has a field that this version doesn't know. */
  readStrictly(json: unknown): unknown;
}

/** The lists, with what is missing in them. */
export interface ExactLists {
  readonly trunks: readonly unknown[];
  readonly rules: readonly unknown[];
  /** The ids of trunks and rules with fields that this version doesn't know: they would be lost if one is replaced. */
  readonly inPart: ReadonlySet<string>;
}

const TRUNKS: List<ListSIPInboundTrunkResponse['items'][number]> = {
  method: 'ListSIPInboundTrunk',
  // The casts: protobuf makes an object of a message, and checks what it reads.
  body: (page) => new ListSIPInboundTrunkRequest(page && { page }).toJson() as object,
  itemsOf: (json) => ListSIPInboundTrunkResponse.fromJson(json as never, { ignoreUnknownFields: true }).items,
  idOf: (trunk) => trunk.sipTrunkId,
  readStrictly: (json) => SIPInboundTrunkInfo.fromJson(json as never),
};
const RULES: List<ListSIPDispatchRuleResponse['items'][number]> = {
  method: 'ListSIPDispatchRule',
  body: (page) => new ListSIPDispatchRuleRequest(page && { page }).toJson() as object,
  itemsOf: (json) => ListSIPDispatchRuleResponse.fromJson(json as never, { ignoreUnknownFields: true }).items,
  idOf: (rule) => rule.sipDispatchRuleId,
  readStrictly: (json) => SIPDispatchRuleInfo.fromJson(json as never),
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
  lists(): Promise<Pick<ExactLists, 'trunks' | 'rules'>> {
    return this.#lists();
  }

  /** The same, with the ids of those that have fields which this version doesn't know. */
  async exactLists(): Promise<ExactLists> {
    const inPart = new Set<string>();
    return { ...(await this.#lists(inPart)), inPart };
  }

  async #lists(inPart?: Set<string>): Promise<Pick<ExactLists, 'trunks' | 'rules'>> {
    const reading = new ApiReading(this.#limits);
    const agent = boundedAgent(this.#limits);
    try {
      const [trunks, rules] = await Promise.all([
        this.#all(TRUNKS, { reading, agent, inPart }),
        this.#all(RULES, { reading, agent, inPart }),
      ]);
      return { trunks, rules };
    } finally {
      await agent.destroy();
    }
  }

  /**
   * Requests pages until one has nothing new. A server without paging answers every request with everything, and a
   * server with paging may return fewer items than requested.
   */
  async #all<T extends Listed>(list: List<T>, { reading, agent, inPart }: ListReading): Promise<unknown[]> {
    const { pages, items: most } = this.#limits;
    const items = new Map<string, T>();
    let last = '';
    for (let number = 1; number <= pages; number += 1) {
      const page = items.size === 0 ? undefined : new Pagination({ afterId: last });
      const json = await this.#ask(list.method, list.body(page), reading, agent);
      const before = items.size;
      const listed = itemsIn(list, json);
      if (inPart) for (const id of idsInPart(list, json, listed)) inPart.add(id);
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
  async #ask(method: string, body: object, reading: ApiReading, agent: Agent): Promise<object> {
    const { status, text } = await this.#post(method, JSON.stringify(body), reading, agent);
    if (status !== 200) throw new Error(`LiveKit answered ${status} to ${method}${remedyOf(status)}`);
    const answer = readJson(text);
    if (!answer.ok) throw new Error(`LiveKit’s answer to ${method} is ${answer.fault}`);
    if (typeof answer.json !== 'object' || answer.json === null)
      throw new Error(`LiveKit’s answer to ${method} is not a JSON object`);
    return answer.json;
  }

  async #post(
    method: string,
    body: string,
    reading: ApiReading,
    agent: Agent,
  ): Promise<{ status: number; text: string }> {
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

/** The ids of the items with fields that this version doesn't know. `listed` are the items of the JSON. */
function idsInPart<T extends Listed>(list: List<T>, json: object, listed: readonly T[]): string[] {
  const items: unknown = Reflect.get(json, 'items');
  return (Array.isArray(items) ? items : []).flatMap((item, i) => {
    try {
      list.readStrictly(item);
      return [];
    } catch {
      const [one] = listed.slice(i, i + 1);
      return one ? [list.idOf(one)] : [];
    }
  });
}

interface ListReading {
  readonly reading: ApiReading;
  readonly agent: Agent;
  readonly inPart: Set<string> | undefined;
}
