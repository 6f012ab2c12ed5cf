import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Answer, Application, ForwardedRequest } from './application.ts';

/** The result of forwarding a dial hook: a label value of `sipwhy_forward_requests_total`. */
type ForwardResult = 'ok' | 'timeout' | 'refused' | 'error_status' | 'invalid_body' | 'circuit_open';

export interface Verbs {
  /** Any result but `ok` means that `answer` is the fallback. */
  readonly result: ForwardResult;
  readonly answer: VerbsAnswer;
}

type VerbsAnswer = Answer & { readonly body: Buffer };

/** The largest answer that is read: more than any list of verbs. */
export const ANSWER_LIMIT_BYTES = 1024 * 1024;

/**
 * The statuses that Jambonz treats as success, with their standard phrases. It drops the verbs of any other answer, even
 * of a 201.
 */
const SUCCESS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [202, 'Accepted'],
  [204, 'No Content'],
]);

/** Asks the application for the verbs that Jambonz runs next. Never rejects: on any failure it returns the fallback. */
export async function askForVerbs(
  application: Application,
  request: ForwardedRequest,
  fallback: readonly object[],
): Promise<Verbs> {
  const otherwise = (result: ForwardResult): Verbs => ({ result, answer: verbsOf(fallback) });
  const asked = await application.ask(request);
  if (!asked.ok) return otherwise(asked.reason);
  const { body, ...rest } = asked.answer;
  if (!SUCCESS.has(rest.status)) return otherwise('error_status');
  if (!body) return otherwise('invalid_body');
  const answer = { ...rest, body };
  return (await isVerbs(answer)) ? { result: 'ok', answer } : otherwise('invalid_body');
}

function verbsOf(verbs: readonly object[]): VerbsAnswer {
  return {
    status: 200,
    contentType: 'application/json; charset=utf-8',
    contentEncoding: undefined,
    body: Buffer.from(JSON.stringify(verbs)),
  };
}

/** Whether an answer is a list of verbs, or empty, which lets the call continue. */
async function isVerbs(answer: VerbsAnswer): Promise<boolean> {
  const text = (await decoded(answer))?.toString().trim();
  // Express's sendStatus writes the standard phrase of the status. Jambonz finds no verbs in it and continues.
  if (text === '' || text === SUCCESS.get(answer.status)) return true;
  try {
    return text !== undefined && Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

const DECODERS: Readonly<Record<string, (bytes: Buffer, limit: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** The body without its content encoding; `undefined` if it cannot be decoded. */
async function decoded({ body, contentEncoding }: VerbsAnswer): Promise<Buffer | undefined> {
  if (contentEncoding === undefined || contentEncoding === 'identity') return body;
  try {
    return await DECODERS[contentEncoding.toLowerCase()]?.(body, { maxOutputLength: ANSWER_LIMIT_BYTES });
  } catch {
    return undefined;
  }
}
