import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyFix } from '../../src/applying/fixFailure.ts';
import { fixFindings } from '../../src/applying/fixFindings.ts';
import { undoChange } from '../../src/applying/undoChange.ts';
import type { ApplyResult, Consent } from '../../src/cli/applyOptions.ts';
import { type FixOptions, fixOf } from '../../src/cli/calls/fixCommand.ts';
import { NotThere } from '../../src/cli/input.ts';
import { toJson } from '../../src/core/audit/auditReport.ts';
import { check } from '../../src/core/check/check.ts';
import { readQuestions } from '../../src/core/check/readQuestions.ts';
import { type Site, siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { parseCase, replay } from '../../src/core/replay/replay.ts';
import { readSnapshot } from '../../src/core/trunks/readSnapshot.ts';
import type { Snapshot } from '../../src/core/trunks/snapshot.ts';
import type { AskApi } from '../../src/mcp/askApi.ts';
import { WrongUse } from '../../src/settings/commandSettings.ts';
import { Store } from '../../src/store/store.ts';
import { type LiveKitConfiguration, startLiveKitApi } from '../app/livekit/livekitApi.ts';
import { servedConfiguration } from '../app/livekit/livekitWrites.ts';
import type { RecordedCase } from '../app/service.ts';

/** The API's trace of the match, of which only the credentials are read. */
const NO_AUTH = { auth: null };

/** What a command said, and how it ended. */
export interface Ran {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

interface RunOptions extends Partial<FixOptions> {
  /** What a person answers in a terminal; without it there is none. */
  readonly answer?: boolean;
}

/** The commands that change LiveKit, with a fake of LiveKit's API that has this configuration, and a store of their own. */
export class FixingRun {
  readonly configuration: LiveKitConfiguration;
  readonly store: string;
  readonly #api: Awaited<ReturnType<typeof startLiveKitApi>>;
  readonly #directory: string;
  readonly #site: Site;
  readonly #calls: unknown;
  /** Where the service has LiveKit's configuration of another time. */
  serviceHas: LiveKitConfiguration | undefined;
  /** The attempts of later calls, as the API lists them. */
  laterCalls: object[] = [];

  private constructor(
    configuration: LiveKitConfiguration,
    api: Awaited<ReturnType<typeof startLiveKitApi>>,
    directory: string,
    { site, calls }: { readonly site: Site; readonly calls: unknown },
  ) {
    this.configuration = configuration;
    this.#api = api;
    this.#directory = directory;
    this.store = join(directory, 'store.db');
    this.#site = site;
    this.#calls = calls;
  }

  /** `call` is a call that failed with this configuration. */
  static async of(
    livekit: Pick<LiveKitConfiguration, 'inbound_trunks' | 'dispatch_rules'>,
    call?: RecordedCase,
    sources = call ? [call.invite.source_ip] : [],
  ): Promise<FixingRun> {
    const configuration: LiveKitConfiguration = { ...servedConfiguration(livekit), state: 'up' };
    const api = await startLiveKitApi(configuration);
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-applying-'));
    const calls = call && replay(parseCase({ ...call, livekit })).calls.map((one) => ({ ...one, match: NO_AUTH }));
    const site = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: sources });
    const run = new FixingRun(configuration, api, directory, { site, calls });
    Object.assign(process.env, {
      LIVEKIT_URL: api.url,
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: 'secret-secret-secret-secret-secret-1234',
      JAMBONZ_SBC_ADDRESSES: sources.join(','),
      DATABASE_URL: run.store,
      USER: 'ada',
    });
    await (await Store.open(run.store)).close();
    return run;
  }

  async end(): Promise<void> {
    await this.#api.close();
    await rm(this.#directory, { recursive: true });
  }

  /** What LiveKit answers, without the time of the last update. */
  served(): string {
    const { inbound_trunks, dispatch_rules } = this.configuration;
    const byId = (key: string) => (a: object, b: object) => (Reflect.get(a, key) < Reflect.get(b, key) ? -1 : 1);
    const sorted = [
      ...inbound_trunks.toSorted(byId('sip_trunk_id')),
      ...dispatch_rules.toSorted(byId('sip_dispatch_rule_id')),
    ];
    return JSON.stringify(sorted.map((one) => ({ ...one, updated_at: null })));
  }

  snapshot(): Snapshot {
    return snapshotOf(this.configuration);
  }

  get writes(): string[] {
    return this.#api.requests.map((url) => url.split('/').at(-1) ?? '').filter((method) => !method.startsWith('List'));
  }

  fix(options: RunOptions = {}): Promise<Ran> {
    return ran(options, async (given, consent) => applyFix(await fixOf(this.#ask, 'a-call'), given, consent));
  }

  undo(id?: string, options: RunOptions = { yes: true }): Promise<Ran> {
    return ran(options, (given, consent) => undoChange(id, given, consent));
  }

  auditFix(options: RunOptions = {}): Promise<Ran> {
    return ran(options, (given, consent) => fixFindings(given, consent));
  }

  /** The API of a service that has the call, and LiveKit's configuration. */
  readonly #ask: AskApi = async (path, _query, body) => {
    const snapshot = snapshotOf(this.serviceHas ?? this.configuration);
    if (path === '/check') {
      const reading = readQuestions(body);
      if (!reading.ok) throw new WrongUse(reading.fault);
      return { answers: reading.questions.map((question) => check(this.#site, snapshot, question)) };
    }
    if (path === '/trunks') return toJson(snapshot, { findings: [], counts: [], errors: [] });
    if (path === '/calls/a-call') return { settled: true, attempts: this.#calls };
    if (path === '/calls') return { calls: this.laterCalls };
    return undefined;
  };
}

async function ran(
  { answer, ...options }: RunOptions,
  command: (options: FixOptions, consent: Consent) => Promise<ApplyResult>,
): Promise<Ran> {
  let text = '';
  const say = (words: string) => {
    text += words;
  };
  const given = { dryRun: false, yes: false, json: false, wait: 0, ...options };
  const ask = async (question: string) => {
    text += question;
    return given.yes || answer === true;
  };
  try {
    const { isFine, json } = await command(given, { say, isTerminal: answer !== undefined, ask });
    return { status: isFine ? 0 : 1, text, json: { ...json } };
  } catch (error) {
    // As `endCommand` ends a command.
    if (error instanceof NotThere || error instanceof WrongUse)
      return { status: error instanceof NotThere ? 1 : 2, text: text + error.message, json: {} };
    throw error;
  }
}

function snapshotOf({ inbound_trunks, dispatch_rules }: LiveKitConfiguration): Snapshot {
  const reading = readSnapshot({ inbound_trunks, dispatch_rules });
  if (!reading.ok) throw new Error(reading.faults.join());
  return reading.snapshot;
}
