import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Place, postgresSchema } from '../../test/store/schema/databases.ts';
import { type Kind, startServer } from '../load/loadServers.ts';
import type { PathAndBody } from '../load/requestLane.ts';
import type { Figure } from './figure.ts';
import { prepareCalls } from './steadyCalls.ts';
import { verdictsWithin1s } from './verdicts.ts';

const RECORDED = fileURLToPath(new URL('../../test/recorded/livekit-after-answer.jsonl', import.meta.url));
const CALL = 'after answer: caller hangs up';
const SECRETS = { secret: 'whsec_bench', liveKitSecret: 'secret-secret-secret-secret-secret-1234' };
/** What differs from call to call: call ids, SIP Call-IDs, and LiveKit's ids of rooms, participants, tracks and events. */
const IDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{20}\b|\b(?:RM|PA|TR|EV|SCL)_\w+/g;
const CALLER = '4915112345678';

interface Recorded {
  readonly livekit: object;
  readonly webhooks: readonly PathAndBody[];
}

/** What calls have in common. */
interface Shape {
  readonly name: string;
  /** All callers withhold their number, as it were. */
  readonly isCallerShared?: boolean;
  /** A room that stays open, as with a direct dispatch rule: only the callers come and go. */
  readonly isRoomShared?: boolean;
  readonly isOnPostgres?: boolean;
}

const SHAPES: readonly Shape[] = [
  { name: 'a room and a caller for each' },
  { name: 'a room and a caller for each, PostgreSQL', isOnPostgres: true },
  { name: 'all from one caller', isCallerShared: true },
  { name: 'all in one room', isRoomShared: true },
];

interface Load {
  readonly callsPerSecond: number;
  readonly seconds: number;
}

/** Sends a recorded call that LiveKit answered many times, with the webhooks of both sides. */
export async function measureConnected(service: Kind, { callsPerSecond, seconds }: Load): Promise<Figure[]> {
  const calls = callsPerSecond * seconds;
  const figures: Figure[] = [];
  for (const shape of SHAPES) {
    const { livekit, webhooks } = recordedCall(shape);
    const webhooksOf = (call: number) => webhooks.map(({ path, body }) => ({ path, body: ofCall(call, body, shape) }));
    const prepared = await prepareCalls({ from: 0, calls, callsPerSecond, webhooksOf }, SECRETS);
    const schema: Place | undefined = shape.isOnPostgres ? await postgresSchema() : undefined;
    const env = { LIVEKIT_API_KEY: 'devkey', LIVEKIT_API_SECRET: SECRETS.liveKitSecret };
    const onPostgres = schema && { DATABASE_URL: schema.url, JOURNAL_DIR: 'journal' };
    const server = await startServer({ ...service, env: { ...env, ...onPostgres } }, SECRETS.secret, livekit);
    try {
      const before = server.cpuSeconds() ?? Number.NaN;
      await prepared.send(server.url);
      const busy = ((server.cpuSeconds() ?? Number.NaN) - before) / seconds;
      const within = await verdictsWithin1s(server.url, calls);
      const name = `${callsPerSecond} calls/s of ${webhooks.length} webhooks, ${shape.name}`;
      figures.push(
        { part: 'connected', name: `${name}: within 1 s`, value: within * 100, unit: '%', atLeast: 99 },
        { part: 'connected', name: `${name}: processors`, value: busy, unit: '' },
      );
    } finally {
      await server.stop();
      await schema?.remove();
      prepared.remove();
    }
  }
  return figures;
}

function recordedCall({ isRoomShared = false }: Shape): Recorded {
  const lines = readFileSync(RECORDED, 'utf8').trimEnd().split('\n');
  const call = lines
    .map((line) => JSON.parse(line) as Recorded & { readonly id: string })
    .find(({ id }) => id === CALL);
  if (!call) throw new Error(`no recorded call is “${CALL}”`);
  const isCallers = ({ body }: PathAndBody) => JSON.parse(body).participant?.identity.startsWith('sip_');
  const isSent = (webhook: PathAndBody) => webhook.path !== '/livekit/webhook' || isCallers(webhook);
  return { livekit: call.livekit, webhooks: isRoomShared ? call.webhooks.filter(isSent) : call.webhooks };
}

/** A body with the ids and the caller of a call. */
function ofCall(call: number, body: string, { isCallerShared = false, isRoomShared = false }: Shape): string {
  const own = body.replaceAll(IDS, (id) => (isRoomShared && id.startsWith('RM_') ? id : idOf(call, id)));
  return isCallerShared ? own : own.replaceAll(CALLER, `49151${10_000_000 + call}`);
}

/** An id of the same form as the recorded one: the same for the same call and id. */
function idOf(call: number, id: string): string {
  const digits = createHash('sha256').update(`${call} ${id}`).digest('hex');
  const prefix = /^[A-Z]+_/.exec(id)?.[0];
  if (prefix !== undefined) return `${prefix}${digits.slice(0, 14)}`;
  return id.includes('-')
    ? digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
    : digits.slice(0, id.length);
}
