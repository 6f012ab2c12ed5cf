import { Command, InvalidArgumentError } from 'commander';
import { EXIT, WrongUse } from '../settings/commandSettings.ts';
import { printText } from './input.ts';

/** Probes SIP servers; what a target is, is its own affair. */
export interface Prober<Target> {
  /** The targets that the configuration names; throws where it has faults. */
  configured(): readonly Target[];
  /** `undefined` for text that is no target. */
  parse(text: string): Target | undefined;
  /** Takes at most `timeoutSeconds`. Trouble is in what it resolves to; it does not reject. */
  probe(target: Target, timeoutSeconds: number): Promise<Probed>;
}

export interface Probed {
  readonly healthy: boolean;
  readonly json: object;
  readonly text: string;
}

export function probeCommand<Target>(prober: Prober<Target>): Command {
  return new Command('probe')
    .description('find out whether anybody answers SIP: DNS, connection, certificate, OPTIONS')
    .argument(
      '[target...]',
      'SIP URIs or hosts, such as "sip:example.com;transport=tcp" (default: PROBE_TARGETS, else LIVEKIT_SIP_HOST)',
    )
    .option('--json', 'print one JSON object a line', false)
    .option('--timeout <seconds>', 'longest time for one target, 0.1 to 60', secondsFrom, 5)
    .action(async (texts: readonly string[], options: { json: boolean; timeout: number }) => {
      const targets = texts.length > 0 ? texts.map((text) => targetFrom(prober, text)) : prober.configured();
      if (targets.length === 0)
        throw new WrongUse('there is nothing to probe: name a target, or set LIVEKIT_SIP_HOST or PROBE_TARGETS');
      // All at once, and printed in their order.
      const all = await Promise.all(targets.map((target) => prober.probe(target, options.timeout)));
      if (options.json) for (const { json } of all) process.stdout.write(`${JSON.stringify(json)}\n`);
      else printText(all.map(({ text }) => text).join('\n'));
      if (!all.every(({ healthy }) => healthy)) process.exitCode = EXIT.foundProblem;
    });
}

function targetFrom<Target>(prober: Prober<Target>, text: string): Target {
  const target = prober.parse(text);
  if (target === undefined) {
    throw new WrongUse(`"${text}" is no target: a SIP URI with the transport udp, tcp or tls, or a host, was expected`);
  }
  return target;
}

function secondsFrom(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 60)) throw new InvalidArgumentError('0.1 to 60 was expected.');
  return seconds;
}
