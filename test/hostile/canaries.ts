import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freshProgram } from '../../bin/freshProgram.js';
import { until } from '../durable/serviceProcess.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';
import type { Ground } from './attack.ts';
import type { Target } from './attackedService.ts';

export const MAIN = freshProgram();

/** A value that occurs nowhere else. */
export const canary = (name: string) => `CANARY${name.replaceAll(/\W/g, '')}x9f3k7q`;

/** Is no secret, and must be found where the calls are. */
export const MARKER = canary('marker');

/** Where what was searched came from, with all its text. */
export type Evidence = ReadonlyMap<string, string>;

/** The places in which a value is found, plain or encoded. */
export function placesOf(value: string, evidence: Evidence): string[] {
  const forms: Record<string, string> = {
    plain: value,
    hex: Buffer.from(value).toString('hex'),
    sha256: createHash('sha256').update(value).digest('hex'),
  };
  for (const shift of [0, 1, 2]) {
    // The characters at both ends also depend on what stands beside the value.
    const text = Buffer.from(`${'x'.repeat(shift)}${value}`)
      .toString('base64')
      .replace(/=*$/, '');
    forms[`base64 + ${shift}`] = text.slice(shift === 0 ? 0 : 4, -2);
  }
  return [...evidence].flatMap(([place, text]) =>
    Object.entries(forms).flatMap(([form, trace]) => (text.includes(trace) ? [`${place} (${form})`] : [])),
  );
}

/** LiveKit's API and the operator's application in one. */
async function startPeer(): Promise<{ url: string; bodies: Map<string, string>; refuse(): void; server: Server }> {
  const bodies = new Map<string, string>();
  let refuses = false;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const path = request.url ?? '';
      bodies.set(path.split(/[/?]/)[1] ?? '', Buffer.concat(parts).toString());
      if (path.startsWith('/status')) response.writeHead(500).end(canary('answer of the application'));
      else if (path.startsWith('/dial')) response.writeHead(200, { 'content-type': 'application/json' }).end(VERBS);
      else if (!path.startsWith('/twirp')) response.writeHead(204).end();
      else if (refuses) {
        const msg = `${canary('answer of LiveKit')} ${request.headers.authorization}`;
        response
          .writeHead(401, { 'content-type': 'application/json' })
          .end(JSON.stringify({ code: 'unauthenticated', msg }));
      } else {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ items: path.includes('Trunk') ? TRUNKS : RULES }));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const refuse = () => {
    refuses = true;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, refuse, server };
}

const VERBS = JSON.stringify([
  {
    verb: 'dial',
    target: [{ type: 'sip', sipUri: 'sip:1@x', auth: { username: 'u', password: canary('dial verb') } }],
  },
]);
const TRUNKS = [
  {
    sip_trunk_id: 'ST_a',
    numbers: ['+4930111'],
    auth_username: 'user',
    auth_password: canary('trunk password'),
    metadata: JSON.stringify({ key: canary('trunk metadata') }),
    headers: { 'X-Key': canary('trunk header') },
    headers_to_attributes: { 'X-Key': canary('header to attribute') },
    attributes_to_headers: { key: canary('attribute to header') },
  },
  { sip_trunk_id: 'ST_b', numbers: ['+4930111'] },
];
const RULES = [
  {
    sip_dispatch_rule_id: 'SDR_1',
    rule: { dispatch_rule_direct: { room_name: 'room', pin: canary('pin') } },
    metadata: canary('rule metadata'),
    attributes: { key: canary('rule attribute') },
    room_config: {
      metadata: canary('room metadata'),
      agents: [{ agent_name: 'a', metadata: canary('agent metadata') }],
    },
  },
];

const BODY = {
  direction: 'outbound',
  from: '+4915112345678',
  to: `sip:+4930111:${canary('SIP URI password')}@x.y?X-Key=${canary('SIP URI header')}`,
  call_status: 'failed',
  sip_status: 503,
  sip_reason: 'Service Unavailable',
  customer_data: { key: canary('customer data'), sipwhy: { auth_username: 'user' } },
  headers: { 'X-Key': canary('header of a call') },
  later: canary('unknown field'),
};

const LIVEKIT_BODY = JSON.stringify({
  event: 'participant_joined',
  id: 'EV_1',
  room: { sid: 'RM_1', name: 'r', turnPassword: canary('TURN password'), metadata: canary('metadata of a room') },
  participant: {
    sid: 'PA_1',
    kind: 'SIP',
    metadata: canary('metadata of a participant'),
    attributes: { 'sip.callIDFull': 'x@y', 'sip.h.x-key': canary('attribute of a participant') },
  },
  job: { id: 'AJ_1', metadata: canary('metadata of a job') },
});

function settingsFor(url: string): Record<string, string> {
  return {
    LOG_LEVEL: 'trace',
    LIVEKIT_URL: `${url}?key=${canary('LIVEKIT_URL')}`,
    LIVEKIT_API_KEY: 'APIkey',
    LIVEKIT_API_SECRET: canary('LIVEKIT_API_SECRET'),
    LIVEKIT_REFRESH_SECONDS: '5',
    LIVEKIT_SIP_HOST: 'x.y',
    JAMBONZ_WEBHOOK_SECRET: canary('JAMBONZ_WEBHOOK_SECRET'),
    JAMBONZ_BASIC_AUTH: `user:${canary('JAMBONZ_BASIC_AUTH')}`,
    API_TOKEN: canary('API_TOKEN'),
    METRICS_TOKEN: canary('METRICS_TOKEN'),
    PRIVACY_HASH_KEY: canary('PRIVACY_HASH_KEY'),
    DIAL_ACTION_FORWARD_URL: `${url}/dial/${canary('DIAL_ACTION_FORWARD_URL')}`,
    CALL_STATUS_FORWARD_URL: `${url}/status?key=${canary('CALL_STATUS_FORWARD_URL')}`,
    INCIDENT_WEBHOOK_URL: `${url}/incident/${canary('INCIDENT_WEBHOOK_URL')}`,
    INCIDENT_WEBHOOK_SECRET: `whsec_${Buffer.from(canary('INCIDENT_WEBHOOK_SECRET')).toString('base64')}`,
  };
}

async function sendWebhooks(target: Target): Promise<void> {
  const authorization = `Basic ${Buffer.from(`user:${canary('JAMBONZ_BASIC_AUTH')}`).toString('base64')}`;
  const send = async (path: string, body: string, headers: Record<string, string>) => {
    const { status, text } = await target.send(path, { method: 'POST', body, headers });
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
  };
  const signed = (body: string) => {
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', canary('JAMBONZ_WEBHOOK_SECRET')).update(`${t}.${body}`).digest('hex');
    return { 'content-type': 'application/json', 'jambonz-signature': `t=${t},v1=${v1}` };
  };
  for (const call_sid of [MARKER, 'second', 'third']) {
    const body = JSON.stringify({ ...BODY, call_sid });
    await send('/jambonz/call-status', body, {
      ...signed(body),
      authorization,
      cookie: canary('Cookie of a webhook'),
      'x-key': canary('header of a webhook'),
    });
    const dial = JSON.stringify({
      call_sid,
      dial_call_sid: call_sid,
      dial_call_status: 'failed',
      dial_sip_status: 503,
    });
    await send('/jambonz/dial-action', dial, signed(dial));
  }
  await target.send(`/jambonz/call-status?call_sid=get&call_status=trying&key=${canary('query of a webhook')}`, {
    headers: { authorization },
  });
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const claims = part({
    iss: 'APIkey',
    exp: Math.floor(Date.now() / 1000) + 100,
    sha256: createHash('sha256').update(LIVEKIT_BODY).digest('base64'),
  });
  const token = `${part({ alg: 'HS256' })}.${claims}`;
  const signature = createHmac('sha256', canary('LIVEKIT_API_SECRET')).update(token).digest('base64url');
  await send('/livekit/webhook', LIVEKIT_BODY, { authorization: `${token}.${signature}` });
  for (const wrong of [`Bearer ${canary('wrong token')}`, `Basic ${canary('wrong token')}`]) {
    await target.send(`/api/v1/calls?token=${canary('query of a request')}`, { headers: { authorization: wrong } });
  }
}

const ROUTES = [
  '/api/v1/calls?limit=500',
  '/api/v1/calls?format=csv&numbers=plain',
  `/api/v1/calls/${MARKER}`,
  `/api/v1/calls/${MARKER}?format=markdown&numbers=plain`,
  '/api/v1/incidents',
  '/api/v1/trunks',
  '/api/v1/trunks/history',
  '/api/v1/trunks/history/1/1',
  '/api/v1/setup',
  '/api/v1/events?poll=1&cursor=0',
];
const COMMANDS = [
  ['export', '--numbers', 'plain'],
  ['explain', MARKER],
  ['explain', MARKER, '--json'],
  ['explain', MARKER, '--markdown', '--numbers', 'plain'],
  ['history', '--json'],
  ['audit', '--json'],
  ['check', '+4930111', '--json'],
];

/** Runs a service with a canary in everything that is secret, and gathers all that it says, writes and sends. */
export async function gather(ground: Ground): Promise<Evidence> {
  const evidence = new Map<string, string>();
  const peer = await startPeer();
  const env = settingsFor(peer.url);
  const target = await ground.ownService(env);
  const authorization = `Bearer ${canary('API_TOKEN')}`;
  await sendWebhooks(target);
  /** Asks again where the machine is so busy that the service refuses what can wait. */
  const answerTo = async (route: string) => {
    let text = '';
    await until(`an answer to ${route}`, async () => {
      const reply = await target.send(route, { headers: { authorization } });
      text = reply.text;
      return reply.status !== 503;
    });
    return text;
  };
  await until('the calls are judged and told of', async () => {
    const { calls } = JSON.parse(await answerTo('/api/v1/calls'));
    return calls.length >= 3 && peer.bodies.has('incident') && peer.bodies.has('status');
  });
  const ask = async (route: string) => evidence.set(route, await answerTo(route));
  for (const route of ROUTES) await ask(route);
  const sent = {
    dial: {
      verb: 'dial',
      target: [
        {
          type: 'sip',
          sipUri: 'sip:+4930111@x.y',
          auth: { username: 'user', password: canary('password in a check') },
        },
      ],
    },
  };
  evidence.set('/api/v1/check', (await target.post('/api/v1/check', sent, { authorization })).text);
  const metrics = { headers: { authorization: `Bearer ${canary('METRICS_TOKEN')}` } };
  evidence.set('/metrics', (await target.send('/metrics', metrics)).text);
  evidence.set('the notification of an incident', peer.bodies.get('incident') ?? '');
  await runCommands(target, env, evidence, '');
  peer.refuse();
  await until('LiveKit has refused', () => target.log().includes('cannot read LiveKit’s configuration'));
  await ask('/api/v1/setup');
  await runCommands(target, env, evidence, ' while LiveKit refuses');
  readFiles(target, evidence, '');
  await target.end('SIGTERM');
  readFiles(target, evidence, ' after the end');
  evidence.set('the log', target.log());
  peer.server.close();
  return evidence;
}

async function runCommands(target: Target, env: Record<string, string>, evidence: Map<string, string>, when: string) {
  for (const command of COMMANDS) {
    const options = { env: { ...PLAIN_ENVIRONMENT, ...env, DATABASE_URL: join(target.directory, 'sipwhy.db') } };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...command], options).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    evidence.set(`sipwhy ${command.join(' ')}${when}`, stdout + stderr);
  }
}

function readFiles({ directory }: Target, evidence: Map<string, string>, when: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    evidence.set(`the file ${entry.name}${when}`, readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  }
}
