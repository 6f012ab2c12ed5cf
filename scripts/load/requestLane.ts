import { writeFile } from 'node:fs/promises';
import { jambonzSignature, liveKitToken } from '../../test/app/signing.ts';
import { statusWebhooks, WEBHOOKS_PER_CALL } from './statusWebhooks.ts';

/** Each thread of wrk sends its own lane, so that no two threads send the same request. */
export const LANES = 2;
export const PATH = '/jambonz/call-status';

/**
 * Calls that are under way at a time in one lane: a block has the first webhook of each, then the second of each, and
 * so on. It is more than a lane has connections, so that two webhooks of a call are seldom under way together.
 */
const CALLS_PER_BLOCK = 128;
const BLOCK = CALLS_PER_BLOCK * WEBHOOKS_PER_CALL;
/** Number of digits of the length before each request in a lane's file. */
const LENGTH_DIGITS = 6;

/** A webhook and where it is sent. */
export interface PathAndBody {
  readonly path: string;
  readonly body: string;
}

export interface SignedWebhook {
  readonly body: string;
  /** The `Jambonz-Signature` header. */
  readonly signature: string;
}

export interface Signer {
  /** The webhook secret of Jambonz. */
  readonly secret: string;
  /** The secret of LiveKit's API key `devkey`, if there are LiveKit's webhooks. */
  readonly liveKitSecret?: string;
  /** Unix seconds. */
  readonly signedAt: number;
}

/** The webhooks of one block of a lane, in the order in which they are sent. */
export function blockOf(lane: number, block: number, signer: Signer): SignedWebhook[] {
  const calls = Array.from({ length: CALLS_PER_BLOCK }, (_, i) =>
    statusWebhooks((block * CALLS_PER_BLOCK + i) * LANES + lane),
  );
  return Array.from({ length: WEBHOOKS_PER_CALL }, (_, step) => calls.flatMap((bodies) => bodies[step] ?? []))
    .flat()
    .map((body) => ({ body, signature: signatureOf(body, signer) }));
}

function signatureOf(body: string, { secret, signedAt }: Signer): string {
  return jambonzSignature(body, secret, signedAt * 1000);
}

/** Writes the first requests of a lane, at least `requests`, each as its length in six digits and its bytes. */
export function writeLane(path: string, lane: number, requests: number, signer: Signer): Promise<void> {
  const blocks = Array.from({ length: Math.ceil(requests / BLOCK) }, (_, block) => block).values();
  return writeFile(
    path,
    blocks.map((block) =>
      blockOf(lane, block, signer)
        .map(({ body, signature }) => framed(PATH, body, jambonzHeaders(signature)))
        .join(''),
    ),
  );
}

/** Writes webhooks in their order, for a lane of `sendSteadily`. */
export function writeSteadyLane(path: string, groups: IteratorObject<PathAndBody[]>, signer: Signer): Promise<void> {
  return writeFile(
    path,
    groups.map((group) => group.map(({ path, body }) => framed(path, body, headersOf(path, body, signer))).join('')),
  );
}

const LIVEKIT_PATH = '/livekit/webhook';
const DAY_SECONDS = 86_400;

function headersOf(path: string, body: string, signer: Signer): string[] {
  if (path !== LIVEKIT_PATH) return jambonzHeaders(signatureOf(body, signer));
  const { liveKitSecret = '', signedAt } = signer;
  const token = liveKitToken(body, liveKitSecret, signedAt * 1000, { exp: signedAt + DAY_SECONDS });
  return [`Authorization: ${token}`, 'User-Agent: LiveKit', 'Content-Type: application/webhook+json'];
}

function jambonzHeaders(signature: string): string[] {
  return [`Jambonz-Signature: ${signature}`, 'User-Agent: jambonz', 'Content-Type: application/json'];
}

function framed(path: string, body: string, headers: readonly string[]): string {
  const request = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
  return `${String(Buffer.byteLength(request)).padStart(LENGTH_DIGITS, '0')}${request}`;
}

/**
 * The blocks that may have unanswered requests after a lane stopped behind its first `sent` requests, of which the last
 * `underWay` may be lost. Once these blocks are sent again as a whole, every call that was begun is complete.
 */
export function unfinishedBlocks(sent: number, underWay: number): number[] {
  const first = Math.floor(Math.max(0, sent - underWay) / BLOCK);
  return Array.from({ length: Math.ceil(sent / BLOCK) - first }, (_, i) => first + i);
}

/** Calls of which at least one of the first `sent` requests of a lane is a webhook, with the rest of their block. */
export function callsBegun(sent: number): number {
  return Math.ceil(sent / BLOCK) * CALLS_PER_BLOCK;
}
