import { faultsOf, rowsOf } from '../load/loadReport.ts';
import { BARE, BARE_WITH_LOG, type Kind } from '../load/loadServers.ts';
import { type Load, measureRounds } from '../load/rounds.ts';
import type { Figure } from './figure.ts';

/** The ratios that must be kept even while other processes use the machine. docs/performance.md has the aims. */
const AT_LEAST = 0.2;

/** How many signed webhooks a second are durable and answered, as a ratio to the bare route of the same run. */
export async function measureIngestion(service: Kind, load: Load): Promise<{ figures: Figure[]; faults: string[] }> {
  const rounds = await measureRounds([BARE, BARE_WITH_LOG, service], load);
  const rows = rowsOf(rounds, BARE.name);
  const figures = load.connections.flatMap((connections): Figure[] => {
    const of = (name: string) => rows.find((row) => row.server === name && row.connections === connections);
    const own = of(service.name);
    const logged = of(BARE_WITH_LOG.name);
    const part = 'ingestion';
    const at = `${connections} connections`;
    const ratio = (own?.answersPerSecond ?? Number.NaN) / (logged?.answersPerSecond ?? Number.NaN);
    return [
      { part, name: `${at}: of the bare route`, value: own?.ofBare ?? Number.NaN, unit: '', atLeast: AT_LEAST },
      { part, name: `${at}: of the bare route with a synced log`, value: ratio, unit: '' },
      { part, name: `${at}: rate`, value: own?.answersPerSecond ?? Number.NaN, unit: 'webhooks/s' },
      {
        part,
        name: `${at}: the accepting thread is busy`,
        value: (own?.busy.accepting ?? Number.NaN) * 100,
        unit: '%',
      },
      { part, name: `${at}: the engine’s thread is busy`, value: (own?.busy.other ?? Number.NaN) * 100, unit: '%' },
      { part, name: `${at}: p99 of the answer`, value: own?.p99Ms ?? Number.NaN, unit: 'ms' },
      { part, name: `${at}: resident memory`, value: own?.residentMb ?? Number.NaN, unit: 'MB' },
    ];
  });
  return { figures, faults: faultsOf(rounds) };
}
