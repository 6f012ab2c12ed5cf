import { Command, Option } from 'commander';
import { type IncidentJson, incidentText } from '../../core/explain/incidentJson.ts';
import { EXIT } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import { type Cell, printColumns } from '../columns.ts';
import { NotThere, printText } from '../input.ts';

interface Options {
  readonly server?: string;
  readonly json: boolean;
  readonly state: string;
  readonly cause?: string;
  readonly trunk?: string;
  readonly limit: string;
  readonly cursor?: string;
}

interface IncidentPage {
  readonly incidents: readonly IncidentJson[];
  readonly next_cursor: string | null;
}

export function incidentsCommand(asking: Asking): Command {
  return new Command('incidents')
    .description('list incidents, open ones first, or show one; from the service’s store or a running service')
    .argument('[id]', 'id of the incident to show')
    .addOption(serverOption())
    .addOption(
      new Option('--state <state>', 'state of the incidents').choices(['open', 'closed', 'all']).default('all'),
    )
    .option('--cause <ids>', 'cause ids, comma-separated')
    .option('--trunk <ids>', 'trunk ids, comma-separated')
    .option('--limit <count>', 'at most so many', '50')
    .option('--cursor <cursor>', 'next_cursor of the page before')
    .option('--json', 'print JSON, as the API has it', false)
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, { server, json, ...query }: Options) => {
      if (id !== undefined) {
        // The cast: the API describes its answers so.
        const incident = (await asking(server, (ask) => ask(`/incidents/${encodeURIComponent(id)}`))) as IncidentJson;
        if (!incident) throw new NotThere(`no incident has the id ${id}; sipwhy incidents lists them`);
        if (json) process.stdout.write(`${JSON.stringify(incident, undefined, 2)}\n`);
        else printText(`${incidentText(incident)}\n`);
        if (incident.state === 'open') process.exitCode = EXIT.foundProblem;
        return;
      }
      const page = (await asking(server, (ask) => ask('/incidents', { ...query }))) as IncidentPage;
      if (json) process.stdout.write(`${JSON.stringify(page, undefined, 2)}\n`);
      else printIncidents(page);
      if (page.incidents.some(({ state }) => state === 'open')) process.exitCode = EXIT.foundProblem;
    });
}

const EXAMPLES = `
Exit status: 0 none is open, 1 an incident is open or the id isn’t there, 2 wrong use.

Examples:
  sipwhy incidents --state open
  sipwhy incidents 5f0c8f0e-8c4e-4d0e-9d51-2f6b1c0a7e11
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
