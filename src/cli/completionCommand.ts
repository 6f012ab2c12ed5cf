import { Argument, Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** A command as a shell completes it. */
interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly string[];
}

/** `program`: called when the script is printed, because it has all commands only then. */
export function completionCommand(program: () => Command): Command {
  return new Command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .option('--json', 'print the commands and their options as JSON', false)
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell, { json }: { json: boolean }) => {
      const commands = completed(program());
      process.stdout.write(json ? `${JSON.stringify(commands)}\n` : SCRIPTS[shell](commands));
    });
}

const EXAMPLES = `
Examples:
  sipwhy completion bash > /etc/bash_completion.d/sipwhy
  sipwhy completion zsh > "\${fpath[1]}/_sipwhy"
  sipwhy completion fish > ~/.config/fish/completions/sipwhy.fish`;

function completed(program: Command): Completed[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description().replaceAll(/[^\p{L}\p{N} ,;()]/gu, ''),
    options: [...command.options.flatMap(({ long }) => long ?? []), '--help'],
  }));
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly Completed[]) => string>> = {
  bash: (commands) => `_sipwhy() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(' ')} --help --version"
  else
    case "\${COMP_WORDS[1]}" in
${commands.map(({ name, options }) => `      ${name}) words="${options.join(' ')}" ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _sipwhy sipwhy
`,
  zsh: (commands) => `#compdef sipwhy
if (( CURRENT == 2 )); then
  local -a commands=(
${commands.map(({ name, description }) => `    '${name}:${description}'`).join('\n')}
  )
  _describe command commands
else
  case "$words[2]" in
${commands.map(({ name, options }) => `    ${name}) compadd -- ${options.join(' ')} ;;`).join('\n')}
  esac
  _files
fi
`,
  fish: (commands) =>
    commands
      .flatMap(({ name, description, options }) => [
        `complete -c sipwhy -n __fish_use_subcommand -a ${name} -d '${description}'`,
        ...options.map((option) => `complete -c sipwhy -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`),
      ])
      .join('\n')
      .concat('\n'),
};
