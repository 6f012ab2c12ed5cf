import { Command } from 'commander';
import { askForCalls, type CallPage } from '../../mcp/askForCalls.ts';
import { type Asking, serverOption } from '../ask.ts';
import { type Cell, printColumns } from '../columns.ts';

interface Options {
  readonly server?: string;
  readonly json: boolean;
  readonly limit: string;
  readonly [filter: string]: string | boolean | undefined;
}

/** Lists of the API's filters, and what each selects. */
const FILTERS = {
  outcome: 'connected, failed, dropped or not_counted',
  cause: 'cause id',
  party: 'owner of the cause',
  trunk: 'trunk id, or none',
  status: 'status of the final SIP response',
  from: 'digits of the caller’s number',
  to: 'digits of the called number',
  number: 'digits of the caller’s or the called number',
  q: 'call_sid of any leg or its beginning, SIP Call-ID, or digits of a number',
  since: 'a time, or how long ago, such as -1h or -7d',
  until: 'a time, or how long ago',
  incident: 'incident id',
  cursor: 'next_cursor of the page before',
} as const;

export function callsCommand(asking: Asking): Command {
  const command = new Command('calls')
    .description('list call attempts, the latest first, from the service’s store (DATABASE_URL) or a running service')
    .addOption(serverOption())
    .option('--limit <count>', 'at most so many', '50')
    .option('--json', 'print JSON, as the API has it', false);
  for (const [name, what] of Object.entries(FILTERS)) command.option(`--${name} <value>`, what);
  return command.addHelpText('after', EXAMPLES).action(async (options: Options) => {
    const { server, json, limit } = options;
    const filters = Object.fromEntries(Object.keys(FILTERS).map((name) => [name, options[name] as string | undefined]));
    const query = { ...filters, limit, fields: 'summary' };
    const page = await asking(server, (ask) => askForCalls(ask, query));
    if (json) process.stdout.write(`${JSON.stringify(page, undefined, 2)}\n`);
    else printCalls(page);
  });
}

const EXAMPLES = `
Separate several values by commas: a call matches if any of them matches.

Examples:
  sipwhy calls --outcome failed --since -1h
  sipwhy calls --number 91874350352 --json
  sipwhy calls --cause auth_missing --server https://sipwhy.example.com`;

function printCalls({ calls, next_cursor }: CallPage): void {
  const rows = calls.map(({ settled_at, outcome, cause, from, to, call_sid, response }): Cell[] => [
    settled_at,
    { text: outcome, colour: outcome === 'failed' || outcome === 'dropped' ? 'red' : 'green' },
    `${response?.status ?? ''}`,
    cause ?? '',
    from ?? '',
    call_sid,
    to ?? '',
  ]);
  if (rows.length === 0) process.stdout.write('No call matches.\n');
  else printColumns([['settled', 'outcome', 'status', 'cause', 'from', 'call_sid', 'to'], ...rows]);
  if (next_cursor !== null) process.stdout.write(`more: --cursor ${next_cursor}\n`);
}
