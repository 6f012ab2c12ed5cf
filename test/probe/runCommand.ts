/** The command as main.ts registers it, with the targets of the environment variable TARGETS. */
import { Command, CommanderError } from 'commander';
import { probeCommand } from '../../src/cli/probeCommand.ts';
import { proberOf } from '../../src/probe/prober.ts';
import { targetsFrom } from '../../src/probe/target.ts';
import { EXIT, WrongUse } from '../../src/settings/commandSettings.ts';

const sipHosts = (process.env.TARGETS ?? '').split(',').filter(Boolean);
const program = new Command('sipwhy').exitOverride();
program.addCommand(
  probeCommand(proberOf(() => targetsFrom({ probeTargets: [], sipHosts }))).copyInheritedSettings(program),
);
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError || error instanceof WrongUse)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? EXIT.fine : EXIT.wrongUse;
}
