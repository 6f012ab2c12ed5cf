import { makeDirectory, removeDirectory } from '../load/children.ts';
import { LANES, type PathAndBody, type Signer, writeSteadyLane } from '../load/requestLane.ts';
import { type SteadyResult, sendSteadily } from '../load/wrk.ts';

/** There are enough connections for answers that take this long, in seconds. */
const ANSWER_SECONDS = 0.05;
const FEWEST_CONNECTIONS = 16;
/** How long after a webhook of a call the next one follows, in milliseconds. */
const BETWEEN_MS = 40;

/** Whole calls that come at a steady rate. */
export interface SteadyCalls {
  /** The number of the first call, and how many there are. */
  readonly from: number;
  readonly calls: number;
  readonly callsPerSecond: number;
  /** The webhooks of a call, the same number for each. */
  webhooksOf(call: number): readonly PathAndBody[];
}

/** Signed webhooks in files, so that sending them takes little of the machine that is measured. */
export interface PreparedCalls {
  /** Rejects if a webhook was not acknowledged. */
  send(url: string): Promise<SteadyResult>;
  remove(): void;
}

/** Signs the webhooks of all calls. */
export async function prepareCalls(
  load: SteadyCalls,
  secrets: Pick<Signer, 'secret' | 'liveKitSecret'>,
): Promise<PreparedCalls> {
  const directory = makeDirectory();
  const prefix = `${directory}/lane-`;
  const signer = { ...secrets, signedAt: Math.floor(Date.now() / 1000) };
  for (let lane = 0; lane < LANES; lane += 1) await writeSteadyLane(prefix + lane, groupsOfLane(load, lane), signer);
  const perCall = load.webhooksOf(load.from).length;
  const perSecond = load.callsPerSecond * perCall;
  const connections = Math.max(FEWEST_CONNECTIONS, LANES * Math.ceil((perSecond * ANSWER_SECONDS) / LANES));
  const requests = load.calls * perCall;
  return {
    async send(url) {
      const result = await sendSteadily(url, { connections, perSecond, requests: requests / LANES }, prefix);
      const { answers, refused, broken } = result;
      if (answers === requests && refused + broken === 0) return result;
      throw new Error(`${answers} of ${requests} webhooks were answered, ${refused} refused, ${broken} broken`);
    },
    remove: () => removeDirectory(directory),
  };
}

/** The webhooks of one lane, a few calls at a time: the first webhook of each, then the second of each, and so on. */
export function* groupsOfLane(load: SteadyCalls, lane: number): Generator<PathAndBody[]> {
  const { from, calls, callsPerSecond, webhooksOf } = load;
  if (calls % LANES !== 0) throw new Error(`calls must be a multiple of ${LANES}, got ${calls}`);
  const perCall = webhooksOf(from).length;
  const atATime = Math.max(1, Math.round((callsPerSecond * perCall * BETWEEN_MS) / 1000 / LANES));
  for (let first = lane; first < calls; first += atATime * LANES) {
    const numbers = Array.from({ length: atATime }, (_, i) => first + i * LANES).filter((number) => number < calls);
    const some = numbers.map((number) => webhooksOf(from + number));
    yield Array.from({ length: perCall }, (_, i) => some.flatMap((webhooks) => webhooks[i] ?? [])).flat();
  }
}
