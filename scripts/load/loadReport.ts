import type { BusyThreads, Measurement } from './measure.ts';

/** Medians of the rounds for one server and number of connections. */
export interface Row {
  readonly server: string;
  readonly connections: number;
  readonly answersPerSecond: number;
  /** Ratio to the bare route's rate in the same round. */
  readonly ofBare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Sums of all rounds, and the longest wait; `undefined` for a server that counts no calls. */
  readonly calls: { readonly sent: number; readonly counted: number; readonly afterSeconds: number } | undefined;
  readonly residentMb: number | undefined;
  /** On a busy machine this is more meaningful than the rate. */
  readonly cpuMicros: number | undefined;
  readonly busy: BusyThreads;
}

/** One row for each server and number of connections, in the order of measurement. */
export function rowsOf(rounds: readonly (readonly Measurement[])[], bare: string): Row[] {
  return (rounds[0] ?? []).map(({ server, connections }) => {
    const find = (round: readonly Measurement[], name: string) =>
      round.find((one) => one.server === name && one.connections === connections);
    const own = rounds.flatMap((round) => find(round, server) ?? []);
    const ratios = rounds.map(
      (round) =>
        (find(round, server)?.answersPerSecond ?? Number.NaN) / (find(round, bare)?.answersPerSecond ?? Number.NaN),
    );
    const calls = own.flatMap((one) => one.calls ?? []);
    const cpu = own.flatMap(({ cpuMicros }) => cpuMicros ?? []);
    const resident = own.flatMap(({ residentBytes }) => residentBytes ?? []);
    return {
      server,
      connections,
      answersPerSecond: median(own.map((one) => one.answersPerSecond)),
      ofBare: median(ratios),
      p50Ms: median(own.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
      calls:
        calls.length === 0
          ? undefined
          : {
              sent: calls.reduce((sum, { sent }) => sum + sent, 0),
              counted: calls.reduce((sum, { counted }) => sum + counted.calls, 0),
              afterSeconds: Math.max(...calls.map(({ counted }) => counted.afterSeconds)),
            },
      cpuMicros: cpu.length === 0 ? undefined : median(cpu),
      busy: {
        accepting: median(own.map(({ busy }) => busy.accepting)),
        other: median(own.map(({ busy }) => busy.other)),
      },
      residentMb: resident.length === 0 ? undefined : median(resident) / 2 ** 20,
    };
  });
}

/** Faults: calls not counted or counted twice, and webhooks without a 204. */
export function faultsOf(rounds: readonly (readonly Measurement[])[]): string[] {
  return rounds.flatMap((round, i) =>
    round.flatMap(({ server, connections, calls, refused, broken }) => {
      const where = `${server}, ${connections} connections, round ${i + 1}`;
      const faults: string[] = [];
      if (refused > 0) faults.push(`${where}: ${refused} webhooks were refused`);
      if (broken > 0) faults.push(`${where}: ${broken} connections broke or answers took too long`);
      if (calls && calls.counted.calls !== calls.sent) {
        faults.push(`${where}: ${calls.sent} complete calls were sent, ${calls.counted.calls} counted`);
      }
      return faults;
    }),
  );
}

const HEAD = [
  'server',
  'connections',
  'req/s',
  'of bare',
  'p50 ms',
  'p99 ms',
  'CPU µs',
  'calls sent',
  'counted',
  'counted within s',
  'resident MB',
];

export function markdownOf(rows: readonly Row[]): string {
  const cells = rows.map(({ calls, residentMb, ...row }) => [
    row.server,
    String(row.connections),
    row.answersPerSecond.toFixed(0),
    row.ofBare.toFixed(2),
    row.p50Ms.toFixed(1),
    row.p99Ms.toFixed(1),
    row.cpuMicros?.toFixed(0) ?? '',
    calls?.sent.toString() ?? '',
    calls?.counted.toString() ?? '',
    calls?.afterSeconds.toFixed(1) ?? '',
    residentMb?.toFixed(0) ?? '',
  ]);
  const rule = HEAD.map((_, i) => (i === 0 ? '---' : '---:'));
  return [HEAD, rule, ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
