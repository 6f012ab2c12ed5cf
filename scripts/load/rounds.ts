import { statfsSync } from 'node:fs';
import { makeDirectory } from './children.ts';
import type { Kind } from './loadServers.ts';
import { type Measurement, measure, type Plan } from './measure.ts';
import { LANES, writeLane } from './requestLane.ts';

const SECRET = 'whsec_load';
/** More requests than sipwhy can answer, so that it gets none twice. */
const PREPARED_PER_SECOND = 40_000;
const TMPFS = 0x01021994;

/** What is measured: for how long, and with how many connections. */
export interface Load {
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly rounds: number;
}

/** Signs the requests and writes them to files, one for each thread of wrk. */
async function prepare({ warmUpSeconds, seconds }: Load): Promise<Plan> {
  const directory = makeDirectory();
  if (statfsSync(directory).type === TMPFS) {
    console.error(`${directory} is in memory, where a sync costs nothing: set TMPDIR to a directory on a disk`);
  }
  const plan = {
    warmUpSeconds,
    seconds,
    lanes: `${directory}/lane-`,
    signer: { secret: SECRET, signedAt: Math.floor(Date.now() / 1000) },
  };
  const requests = ((plan.warmUpSeconds + plan.seconds) * PREPARED_PER_SECOND) / LANES;
  for (let lane = 0; lane < LANES; lane += 1) await writeLane(plan.lanes + lane, lane, requests, plan.signer);
  return plan;
}

/** Measures the servers in turn in each round, so that other load on the machine affects all alike. */
export async function measureRounds(kinds: readonly Kind[], load: Load): Promise<Measurement[][]> {
  const plan = await prepare(load);
  const rounds: Measurement[][] = [];
  for (let round = 1; round <= load.rounds; round += 1) {
    const measurements: Measurement[] = [];
    for (const number of load.connections) {
      for (const kind of kinds) {
        const measurement = await measure(kind, number, plan);
        measurements.push(measurement);
        const rate = measurement.answersPerSecond.toFixed(0);
        console.error(`round ${round} of ${load.rounds}, ${number} connections, ${kind.name}: ${rate} req/s`);
      }
    }
    rounds.push(measurements);
  }
  return rounds;
}
