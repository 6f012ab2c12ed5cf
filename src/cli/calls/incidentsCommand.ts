import { Command, Option } from 'commander';
import { type IncidentJson, incidentText } from '../../core/explain/incidentJson.ts';
import { INCIDENT_SORTS } from '../../core/incidents/incidentOrder.ts';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import { type Cell, printColumns } from '../columns.ts';
import { NotThere, printText } from '../input.ts';
import { type ActionOptions, actionOf, addActionOptions } from './incidentActions.ts';

type Options = ActionOptions & { readonly [F in keyof typeof FILTERS]?: string } & {
  readonly server?: string;
  readonly json: boolean;
  readonly state: string;
  readonly sort: string;
  readonly limit: string;
};

/** Filters of the API, and what each selects. */
const FILTERS = {
  cause: 'cause ids',
  party: 'owners of the cause',
  trunk: 'trunk ids',
  status: 'statuses of the final SIP response of one of its calls',
  number: 'digits of a caller’s or a called number',
  q: 'call_sid of any leg or its beginning, SIP Call-ID, or digits of a number',
  since: 'with a failed call since a time, or how long ago, such as -1h or -7d',
  until: 'with a failed call before a time, or how long ago',
  cursor: 'next_cursor of the page before',
} as const;

interface IncidentPage {
  readonly incidents: readonly IncidentJson[];
  readonly next_cursor: string | null;
}

export function incidentsCommand(asking: Asking): Command {
  const command = new Command('incidents')
    .description(
      'list incidents, those with most failed calls first, show one, or do something about it; in the service’s store or a running service',
    )
    .argument('[id]', 'id of the incident')
    .addOption(serverOption())
    .addOption(
      new Option('--state <state>', 'state of the incidents').choices(['open', 'closed', 'all']).default('all'),
    )
    .addOption(new Option('--sort <order>', 'order of the incidents').choices(INCIDENT_SORTS).default('impact'))
    .option('--limit <count>', 'at most so many', '50')
    .option('--json', 'print JSON, as the API has it', false);
  for (const [name, what] of Object.entries(FILTERS)) command.option(`--${name} <value>`, what);
  return addActionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, { server, json, state, sort, limit, ...rest }: Options) => {
      const action = actionOf(rest);
      if (id !== undefined) {
        const path = `/incidents/${encodeURIComponent(id)}`;
        const asked = asking(server, (ask) =>
          action ? ask(`${path}/${action.verb}`, undefined, action.body) : ask(path),
        );
        // The cast: the API describes its answers so.
        const incident = (await asked) as IncidentJson | undefined;
        if (!incident) throw new NotThere(`no incident has the id ${id}; sipwhy incidents lists them`);
        if (json) process.stdout.write(`${JSON.stringify(incident, undefined, 2)}\n`);
        else printText(`${incidentText(incident)}\n`);
        if (!action && incident.state === 'open') process.exitCode = EXIT.foundProblem;
        return;
      }
      if (action) throw new WrongUse('give the id of the incident as well; sipwhy incidents lists them');
      const { cause, party, trunk, status, number, q, since, until, cursor } = rest;
      const filters = { cause, party, trunk, status, number, q, since, until, cursor } satisfies Record<
        keyof typeof FILTERS,
        unknown
      >;
      const query = { ...filters, state, sort, limit };
      const page = (await asking(server, (ask) => ask('/incidents', query))) as IncidentPage;
      if (json) process.stdout.write(`${JSON.stringify(page, undefined, 2)}\n`);
      else printIncidents(page);
      if (page.incidents.some(({ state }) => state === 'open')) process.exitCode = EXIT.foundProblem;
    });
}

const EXAMPLES = `
Exit status: 0 none is open or it was done, 1 an incident is open or the id isn’t there, 2 wrong use.

Examples:
  sipwhy incidents --state open
  sipwhy incidents --since -1h --status 503
  sipwhy incidents 5f0c8f0e-8c4e-4d0e-9d51-2f6b1c0a7e11
  sipwhy incidents 5f0c8f0e-8c4e-4d0e-9d51-2f6b1c0a7e11 --mute 2h --by Ann
  sipwhy incidents --server http://127.0.0.1:8080 --json`;

function printIncidents({ incidents, next_cursor }: IncidentPage): void {
  const rows = incidents.map(({ state, opened_at, calls, cause, trunk, trunk_name, id }): Cell[] => [
    { text: state, colour: state === 'open' ? 'red' : 'green' },
    opened_at,
    `${calls}`,
    cause,
    id,
    trunk_name === null ? trunk : `${trunk} "${trunk_name}"`,
  ]);
  if (rows.length === 0) process.stdout.write('No incident matches.\n');
  else printColumns([['state', 'opened', 'calls', 'cause', 'id', 'trunk'], ...rows]);
  if (next_cursor !== null) process.stdout.write(`more: --cursor ${next_cursor}\n`);
}
