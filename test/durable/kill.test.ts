import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { recorded } from '../app/service.ts';
import { jambonzSignature } from '../app/signing.ts';
import { holdStore } from './heldStore.ts';
import { randomFrom, SEED } from './seed.ts';
import { hasEnded, type Process, startProcess, startReady, until } from './serviceProcess.ts';

const KILLS = 20;
const SECRET = 'whsec_of_the_kill_test';
/** Senders at once, each with one call at a time. */
const SENDERS = 8;

/** When the process is killed, in turn. */
const MOMENTS = ['at any time', 'as soon as it acknowledges', 'while the store is behind the journal'] as const;

/** A call that is yet to be told of, webhook after webhook, each until it is acknowledged. */
interface ToldCall {
  readonly dialled: string;
  readonly right: string;
  readonly webhooks: { readonly path: string; readonly body: string }[];
  /** The signature is that of the first try, as Jambonz repeats it. */
  signature: string | undefined;
  acknowledged: number;
}

/** Calls whose cause does not depend on how fast their webhooks come: they are told of as fast as can be. */
const KINDS = ['auth_missing-101-0', 'auth_missing-101-1'] as const;

function newCall(random: () => number): ToldCall {
  const kind = recorded(KINDS[Math.floor(random() * KINDS.length)] ?? KINDS[0]);
  const sids = new Map<string, string>();
  const renamed = (text: string) =>
    text.replaceAll(/"((?:parent_|dial_)?call_sid|(?:dial_)?sbc_callid)":"([^"]*)"/g, (_, key, sid) => {
      const mine = sids.get(sid) ?? randomUUID();
      sids.set(sid, mine);
      return `"${key}":"${mine}"`;
    });
  const webhooks = kind.webhooks.map(({ path, body }) => ({ path, body: renamed(body) }));
  const dialled: string = JSON.parse(webhooks.find(({ body }) => body.includes('"outbound"'))?.body ?? '').call_sid;
  return { dialled, right: kind.expected.blocking[0] ?? '', webhooks, signature: undefined, acknowledged: 0 };
}

async function tell(call: ToldCall, url: string): Promise<boolean> {
  const webhook = call.webhooks[call.acknowledged];
  if (!webhook) return false;
  call.signature ??= jambonzSignature(webhook.body, SECRET, Date.now());
  const headers = { 'jambonz-signature': call.signature };
  const answer = await fetch(url + webhook.path, { method: 'POST', headers, body: webhook.body });
  if (!answer.ok) throw new Error(`${webhook.path} answered ${answer.status}`);
  call.acknowledged += 1;
  call.signature = undefined;
  return true;
}

describe(`a service that is killed ${KILLS} times under load (SEED=${SEED})`, () => {
  it('loses nothing that it acknowledged, counts nothing twice, and gives each call its cause', async () => {
    const random = randomFrom(SEED);
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const path = join(directory, 'store.db');
    const configuration = join(directory, 'livekit.json');
    await writeFile(configuration, JSON.stringify(recorded(KINDS[0]).livekit));
    const env = { DATABASE_URL: path, JAMBONZ_WEBHOOK_SECRET: SECRET, LIVEKIT_CONFIG_FILE: configuration };
    const calls: ToldCall[] = [];
    const underWay: (ToldCall | undefined)[] = Array.from({ length: SENDERS });
    let counted = 0;
    /** Called with each acknowledgement. */
    let onAcknowledged = () => {};

    /** Tells of calls until the process ends; new ones only as long as `goesOn`. */
    const send = async (service: Process, sender: number, goesOn: () => boolean) => {
      while (!hasEnded(service.child)) {
        let call = underWay[sender];
        if (!call) {
          if (!goesOn()) return;
          call = newCall(random);
          calls.push(call);
          underWay[sender] = call;
        }
        try {
          if (await tell(call, service.url)) onAcknowledged();
          else underWay[sender] = undefined;
        } catch (error) {
          if (!hasEnded(service.child) && !service.child.killed) throw error;
          return;
        }
      }
    };
    /** What the process has counted when it was last asked. */
    const watch = async (service: Process) => {
      let last = 0;
      while (!hasEnded(service.child)) {
        last = await attemptsCounted(service).catch(() => last);
        await setTimeout(20);
      }
      return last;
    };

    /** Resolves at the moment of a kill. */
    const momentOf = async (kind: (typeof MOMENTS)[number]) => {
      if (kind !== 'as soon as it acknowledges') return setTimeout(50 + random() * 700);
      let left = 1 + Math.floor(random() * 100);
      await new Promise<void>((resolve) => {
        onAcknowledged = () => {
          left -= 1;
          if (left <= 0) resolve();
        };
      });
    };

    for (let kill = 0; kill < KILLS; kill += 1) {
      const kind = MOMENTS[kill % MOMENTS.length] ?? MOMENTS[0];
      const service = await startProcess(env);
      const watching = watch(service);
      const release = kind === 'while the store is behind the journal' ? holdStore(path) : () => {};
      const sending = Promise.all(underWay.map((_, sender) => send(service, sender, () => true)));
      await momentOf(kind);
      await service.end('SIGKILL');
      release();
      await sending;
      counted += await watching;
    }

    const last = await startReady(env);
    await Promise.all(underWay.map((_, sender) => send(last, sender, () => false)));
    await until('every call has its verdict', () => attemptsIn(path).length >= calls.length);
    counted += await attemptsCounted(last);
    assert.equal(await last.end('SIGTERM'), 0);

    assert.ok(calls.length > KILLS, `${calls.length} calls`);
    const db = new DatabaseSync(path);
    assert.equal(db.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
    const bodies = new Map<string, number>();
    for (const { body } of db.prepare('SELECT body FROM events').iterate()) {
      const text = Buffer.from(body as Uint8Array).toString();
      bodies.set(text, (bodies.get(text) ?? 0) + 1);
    }
    db.close();
    for (const { webhooks } of calls) {
      for (const { body } of webhooks) assert.equal(bodies.get(body), 1, 'each webhook is there, and once');
    }
    const attempts = attemptsIn(path);
    assert.deepEqual(attempts.map(({ callSid }) => callSid).toSorted(), calls.map(({ dialled }) => dialled).toSorted());
    const right = new Map(calls.map((call) => [call.dialled, call.right]));
    for (const { callSid, cause } of attempts) assert.equal(cause, right.get(callSid), callSid);
    // What was counted after the last scrape before a kill is not known; but never is anything counted twice.
    assert.ok(counted > 0 && counted <= calls.length, `${counted} counted, ${calls.length} attempts`);
    await rm(directory, { recursive: true });
  });
});

async function attemptsCounted({ url }: Process): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const samples = [...text.matchAll(/^sipwhy_call_attempts_total\{[^}]*\} (\d+)$/gm)];
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}

function attemptsIn(path: string): { callSid: string; cause: unknown }[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('SELECT call_sid, record FROM attempts').all();
  db.close();
  return rows.map(({ call_sid, record }) => ({
    callSid: String(call_sid),
    cause: JSON.parse(String(record)).cause,
  }));
}
