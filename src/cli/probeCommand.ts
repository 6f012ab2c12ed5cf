import { Command, InvalidArgumentError } from 'commander';
import { EXIT, WrongUse } from '../settings/commandSettings.ts';
import { printText } from './input.ts';

/** Probes SIP servers. The command doesn't look into a target. */
interface Prober<Target> {
  /** The targets from the environment. Throws if the environment has faults. */
  configured(): readonly Target[];
  /** `undefined` for text that isn't a target. */
  parse(text: string): Target | undefined;
  /** Takes at most `timeoutSeconds`. Never rejects: problems are in the result. */
  probe(target: Target, timeoutSeconds: number): Promise<Probed>;
}

export interface Probed {
  readonly healthy: boolean;
  readonly json: object;
  readonly text: string;
}

export function probeCommand<Target>(prober: Prober<Target>): Command {
  return new Command('probe')
    .description('check whether SIP servers answer: DNS, connection, certificate, OPTIONS')
    .argument(
      '[target...]',
      'SIP URIs or hosts, such as "sip:example.com;transport=tcp" (default: PROBE_TARGETS, or LIVEKIT_SIP_HOST)',
    )
    .option('--json', 'print one JSON object per line', false)
    .option('--timeout <seconds>', 'time limit for each target, 0.1 to 60', secondsFrom, 5)
    .addHelpText(
      'after',
      '\nExamples:\n  sipwhy probe\n  sipwhy probe sip.example.com "sip:example.com;transport=tls" --timeout 2',
    )
    .action(async (texts: readonly string[], options: { json: boolean; timeout: number }) => {
      const targets = texts.length > 0 ? texts.map((text) => targetFrom(prober, text)) : prober.configured();
      if (targets.length === 0)
        throw new WrongUse('nothing to probe: give a target, or set LIVEKIT_SIP_HOST or PROBE_TARGETS');
      // Probed at the same time, printed in order.
      const all = await Promise.all(targets.map((target) => prober.probe(target, options.timeout)));
      if (options.json) for (const { json } of all) process.stdout.write(`${JSON.stringify(json)}\n`);
      else printText(all.map(({ text }) => text).join('\n'));
      if (!all.every(({ healthy }) => healthy)) process.exitCode = EXIT.foundProblem;
    });
}

function targetFrom<Target>(prober: Prober<Target>, text: string): Target {
  const target = prober.parse(text);
  if (target === undefined) {
    throw new WrongUse(`"${text}" is not a target: give a host, or a SIP URI with transport udp, tcp or tls`);
  }
  return target;
}

function secondsFrom(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 60)) throw new InvalidArgumentError('It must be 0.1 to 60.');
  return seconds;
}
