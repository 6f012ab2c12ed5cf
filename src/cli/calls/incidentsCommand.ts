import { Command, Option } from 'commander';
import { type IncidentJson, incidentText } from '../../core/explain/incidentJson.ts';
import { type PredictionJson, predictionText } from '../../core/explain/predictionJson.ts';
import type { Paste } from '../../core/fixes/fix.ts';
import { INCIDENT_SORTS } from '../../core/incidents/incidentOrder.ts';
import type { AskApi } from '../../mcp/askApi.ts';
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

interface PredictedPage {
  readonly incidents: readonly PredictionJson[];
}

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
        const incident = await asking(server, (ask) => oneWith(ask, id, action));
        if (!incident) throw new NotThere(`no incident has the id ${id}; sipwhy incidents lists them`);
        if (json) process.stdout.write(`${JSON.stringify(incident, undefined, 2)}\n`);
        else printText(`${isPredicted(incident) ? predictionInFull(incident) : incidentText(incident)}\n`);
        if (!action && incident.closed_at === null) process.exitCode = EXIT.foundProblem;
        return;
      }
      if (action) throw new WrongUse('give the id of the incident as well; sipwhy incidents lists them');
      const { cause, party, trunk, status, number, q, since, until, cursor } = rest;
      const filters = { cause, party, trunk, status, number, q, since, until, cursor } satisfies Record<
        keyof typeof FILTERS,
        unknown
      >;
      const query = { ...filters, state, sort, limit };
      const isFiltered = Object.values(filters).some((value) => value !== undefined);
      const page = await asking(server, async (ask) => {
        // The casts: the API describes its answers so.
        const found = (await ask('/incidents', query)) as IncidentPage;
        if (isFiltered) return { ...found, predicted: [] };
        const { incidents: predicted } = (await ask('/incidents/predicted', { state })) as PredictedPage;
        return { ...found, predicted };
      });
      if (json) process.stdout.write(`${JSON.stringify(page, undefined, 2)}\n`);
      else {
        printPredicted(page.predicted);
        printIncidents(page);
      }
      const all = [...page.incidents, ...page.predicted];
      if (all.some(({ closed_at }) => closed_at === null)) process.exitCode = EXIT.foundProblem;
    });
}

/** An incident with this id, or a predicted one, after the action if there is one; `undefined` if there is none. */
async function oneWith(ask: AskApi, id: string, action: ReturnType<typeof actionOf>) {
  const path = `/incidents/${encodeURIComponent(id)}`;
  const predictedPath = `/incidents/predicted/${encodeURIComponent(id)}`;
  const ofPath = (one: string) => (action ? ask(`${one}/${action.verb}`, undefined, action.body) : ask(one));
  // The casts: the API describes its answers so.
  const incident = (await ofPath(path)) as IncidentJson | undefined;
  if (incident) return incident;
  const predicted = (await ask(predictedPath)) as PredictionJson | undefined;
  if (predicted && action && action.verb !== 'resolve')
    throw new WrongUse('a predicted incident can only be resolved by hand: --resolve');
  return action && predicted ? ((await ofPath(predictedPath)) as PredictionJson) : predicted;
}

function isPredicted(incident: IncidentJson | PredictionJson): incident is PredictionJson {
  return 'kinds_hit' in incident;
}

/** A predicted incident with its calls and commands. */
function predictionInFull(prediction: PredictionJson): string {
  const { kinds, kinds_hit, fix, take_back, closed_at } = prediction;
  const lines = kinds.map(({ caller, any_caller, to, calls_per_day }) => {
    const who = any_caller ? `any other caller, such as ${caller ?? 'unknown'}` : (caller ?? 'unknown caller');
    return `  ${who} -> ${to} (${calls_per_day} calls a day)`;
  });
  const commands = (title: string, pastes: readonly Paste[] | undefined) =>
    closed_at === null && pastes ? pastes.flatMap(({ label, text }) => ['', `${title} (${label}):`, text]) : [];
  return [
    predictionText(prediction),
    ...(lines.length > 0 ? ['Calls:', ...lines] : []),
    ...(kinds_hit > kinds.length ? [`  and ${kinds_hit - kinds.length} more kinds`] : []),
    ...commands('Fix', fix?.pastes.slice(0, 1)),
    ...commands('Take the change back', take_back?.pastes),
  ].join('\n');
}

const EXAMPLES = `
Exit status: 0 none is open or it was done, 1 an incident is open or the id isn’t there, 2 wrong use.

Examples:
  sipwhy incidents --state open
  sipwhy incidents --since -1h --status 503
  sipwhy incidents 5f0c8f0e-8c4e-4d0e-9d51-2f6b1c0a7e11
  sipwhy incidents 5f0c8f0e-8c4e-4d0e-9d51-2f6b1c0a7e11 --mute 2h --by Ann
  sipwhy incidents --server http://127.0.0.1:8080 --json`;

function printPredicted(predicted: readonly PredictionJson[]): void {
  for (const { state, id, summary } of predicted)
    process.stdout.write(`${state === 'predicted' ? 'Predicted' : 'Was predicted'}: ${summary} (${id})\n`);
  if (predicted.length > 0) process.stdout.write('\n');
}

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
