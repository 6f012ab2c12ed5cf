import { isDeepStrictEqual } from 'node:util';
import {
  CreateSIPDispatchRuleRequest,
  CreateSIPInboundTrunkRequest,
  ListUpdate,
  SIPDispatchRuleInfo,
  SIPInboundTrunkInfo,
  SIPMediaConfig,
} from '@livekit/protocol';
import { SipClient } from 'livekit-server-sdk';
import { type ApiObject, type Edit, type EditedKind, edited, type FieldsEdit, idOf } from '../core/edits/edits.ts';
import { listUpdate } from '../core/edits/listUpdate.ts';

/** How one edit is written. */
export interface Writing {
  readonly edit: Edit;
  /** The trunk or rule as it was read just now; `undefined` for a new one. It has its secrets. */
  readonly now: ApiObject | undefined;
  /** Whether it has fields that this version doesn't know, so that it must not be replaced as a whole. */
  readonly isInPart: boolean;
  /** Whether every byte matters: LiveKit's update of single fields also sets others of the media. */
  readonly isExact: boolean;
}

/** The id of the trunk or rule, or what went wrong, in a sentence without secrets. */
export type Written = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly fault: string };

/**
 * Changes LiveKit's trunks and dispatch rules. The only module that writes to LiveKit: commands use it with the operator's
 * key, and the service never loads it.
 */
export class SipWriter {
  readonly #client: Client;

  constructor(url: string, apiKey: string, apiSecret: string) {
    const { origin } = new URL(url.replace(/^ws/i, 'http'));
    this.#client = new Client(origin, apiKey, apiSecret);
  }

  /** Makes one edit. */
  async write(writing: Writing): Promise<Written> {
    try {
      return await this.#write(writing);
    } catch (error) {
      return { ok: false, fault: `LiveKit did not make the change: ${messageOf(error)}` };
    }
  }

  async #write({ edit, now, isInPart, isExact }: Writing): Promise<Written> {
    const { kind, id } = edit;
    if (edit.change === 'added') return this.#create(kind, edit.object);
    if (edit.change === 'removed') {
      await (kind === 'trunk' ? this.#client.deleteSipTrunk(id) : this.#client.deleteSipDispatchRule(id));
      return { ok: true, id };
    }
    const fields = updateOf(edit, isExact);
    if (fields) {
      if (kind === 'trunk') await this.#client.updateSipInboundTrunkFields(id, fields);
      else await this.#client.updateSipDispatchRuleFields(id, fields);
      return { ok: true, id };
    }
    if (!now) return { ok: false, fault: `${id} is no longer there` };
    if (isInPart) {
      return { ok: false, fault: `${id} has fields that this version of sipwhy doesn’t know. ${ONLY_WHOLE}` };
    }
    const { updated_at: _, ...replacement } = edited(now, edit.fields);
    // The casts: an object of LiveKit's JSON, which protobuf checks.
    if (kind === 'trunk')
      await this.#client.updateSipInboundTrunk(id, SIPInboundTrunkInfo.fromJson(replacement as never));
    else await this.#client.updateSipDispatchRule(id, SIPDispatchRuleInfo.fromJson(replacement as never));
    return { ok: true, id };
  }

  async #create(kind: EditedKind, object: ApiObject): Promise<Written> {
    const made = kind === 'trunk' ? await this.#client.createTrunk(object) : await this.#client.createRule(object);
    const id = idOf(kind, made);
    // Without its trunk's id a rule would take the calls of every trunk.
    return id === '' ? { ok: false, fault: 'LiveKit’s answer to the creation has no id' } : { ok: true, id };
  }
}

const ONLY_WHOLE =
  'LiveKit can make this change only by replacing the whole, which would lose those fields: update sipwhy';

/** The SDK's client. Its own methods for creating leave out number lists and media. */
class Client extends SipClient {
  async createTrunk(object: ApiObject): Promise<ApiObject> {
    const trunk = SIPInboundTrunkInfo.fromJson(object as never);
    const body = new CreateSIPInboundTrunkRequest({ trunk }).toJson();
    return plain(SIPInboundTrunkInfo.fromJson(await this.#request('CreateSIPInboundTrunk', body), KNOWN));
  }

  async createRule(object: ApiObject): Promise<ApiObject> {
    const dispatchRule = SIPDispatchRuleInfo.fromJson(object as never);
    const body = new CreateSIPDispatchRuleRequest({ dispatchRule }).toJson();
    return plain(SIPDispatchRuleInfo.fromJson(await this.#request('CreateSIPDispatchRule', body), KNOWN));
  }

  /** The answer of LiveKit as JSON, which the caller checks. */
  async #request(method: string, body: unknown): Promise<never> {
    const headers = await this.authHeader({}, { admin: true });
    // biome-ignore lint/complexity/useLiteralKeys: a private field of the SDK can only be read so.
    return (await this['rpc'].request('SIP', method, body, headers)) as never;
  }
}

const KNOWN = { ignoreUnknownFields: true };

function plain(info: SIPInboundTrunkInfo | SIPDispatchRuleInfo): ApiObject {
  // The cast: protobuf makes an object of a message.
  return info.toJson({ useProtoFieldName: true }) as unknown as ApiObject;
}

interface Fields {
  numbers?: ListUpdate;
  allowedAddresses?: ListUpdate;
  allowedNumbers?: ListUpdate;
  trunkIds?: ListUpdate;
  media?: SIPMediaConfig;
}

/** LiveKit's lists that an update of single fields can change, by their names in the SDK. */
const LISTS: Readonly<
  Record<EditedKind, ReadonlyMap<string, 'numbers' | 'allowedAddresses' | 'allowedNumbers' | 'trunkIds'>>
> = {
  trunk: new Map([
    ['numbers', 'numbers'],
    ['allowed_addresses', 'allowedAddresses'],
    ['allowed_numbers', 'allowedNumbers'],
  ]),
  rule: new Map([['trunk_ids', 'trunkIds']]),
};

/** The update of single fields; `undefined` if only a replacement of the whole can say it. */
function updateOf(edit: FieldsEdit, isExact: boolean): Fields | undefined {
  const fields: Fields = {};
  for (const { field, before, after } of edit.fields) {
    const list = LISTS[edit.kind].get(field);
    const update = list && listUpdate(before, after);
    if (list && update) fields[list] = new ListUpdate(update as object);
    else if (field === 'media' && !isExact && after !== undefined)
      fields.media = SIPMediaConfig.fromJson(after as never);
    // It follows `media`.
    else if (field !== 'media_encryption' || isExact || !followsMedia(edit, after)) return undefined;
  }
  return fields;
}

function followsMedia({ fields }: FieldsEdit, encryption: unknown): boolean {
  const media = fields.find(({ field }) => field === 'media')?.after;
  return typeof media === 'object' && media !== null && isDeepStrictEqual(Reflect.get(media, 'encryption'), encryption);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : 'no answer';
}
