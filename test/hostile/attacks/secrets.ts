import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { PATIENCE_MS } from '../../machineSpeed.ts';
import { PLAIN_ENVIRONMENT } from '../../plainEnvironment.ts';
import type { Attack } from '../attack.ts';
import { canary, type Evidence, gather, MAIN, MARKER, placesOf } from '../canaries.ts';

/** What has a canary. Each is searched for in all that the service says, writes and sends, plain and encoded. */
const PLANTED = [
  'LIVEKIT_URL',
  'LIVEKIT_API_SECRET',
  'JAMBONZ_WEBHOOK_SECRET',
  'JAMBONZ_BASIC_AUTH',
  'API_TOKEN',
  'METRICS_TOKEN',
  'PRIVACY_HASH_KEY',
  'DIAL_ACTION_FORWARD_URL',
  'CALL_STATUS_FORWARD_URL',
  'INCIDENT_WEBHOOK_URL',
  'INCIDENT_WEBHOOK_SECRET',
  'trunk password',
  'trunk metadata',
  'trunk header',
  'header to attribute',
  'attribute to header',
  'pin',
  'rule metadata',
  'rule attribute',
  'room metadata',
  'agent metadata',
  'SIP URI password',
  'SIP URI header',
  'customer data',
  'header of a call',
  'unknown field',
  'header of a webhook',
  'Cookie of a webhook',
  'query of a webhook',
  'TURN password',
  'metadata of a room',
  'metadata of a participant',
  'attribute of a participant',
  'metadata of a job',
  'wrong token',
  'query of a request',
  'dial verb',
  'password in a check',
  'answer of the application',
  'answer of LiveKit',
];

let gathering: Promise<Evidence> | undefined;
const everything = (...parameters: Parameters<typeof gather>) => {
  gathering ??= gather(...parameters);
  return gathering;
};

/** Settings with a secret in the wrong place, and what of them must not be repeated. */
const FAULTS: Readonly<Record<string, (secret: string) => string>> = {
  LIVEKIT_URL: (secret) => `wss://user:${secret}@livekit.example.com`,
  JAMBONZ_BASIC_AUTH: (secret) => secret,
  DIAL_ACTION_FORWARD_URL: (secret) => `ftp://user:${secret}@app.example.com`,
  CALL_STATUS_FORWARD_URL: (secret) => `http://user:${secret}@app.example.com`,
  INCIDENT_WEBHOOK_URL: (secret) => `x://${secret}`,
  INCIDENT_WEBHOOK_SECRET: (secret) => `${secret}!!`,
  DATABASE_URL: (secret) => `mysql://user:${secret}@db.example.com/x`,
  PROBE_TARGETS: (secret) => `sip:user:${secret}@x.y;transport=x`,
  LIVEKIT_SIP_HOST: (secret) => `user:${secret}@x.y /`,
  PORT: (secret) => secret,
  DIAL_ACTION_FALLBACK: (secret) => `[{"verb":${secret}}]`,
  JAMBONZ_SBC_ADDRESSES: (secret) => secret,
};

/** Ways in which PostgreSQL's URL fails only when it is used. */
const DATABASES: Readonly<Record<string, (secret: string) => string>> = {
  'a server that refuses': (secret) => `postgres://user:${secret}@127.0.0.1:1/test`,
  'a server that has no address': (secret) => `postgres://user:${secret}@nosuch.invalid/test`,
  'a database that is not there': (secret) => `postgres://postgres:${secret}@127.0.0.1:5432/nosuchdb`,
  'a scheme with a slash too few': (secret) => `postgres:/user:${secret}@127.0.0.1/test`,
};

const run = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, [MAIN, ...args], {
    env: { ...PLAIN_ENVIRONMENT, PORT: '0', ...env },
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });

export const secrets: readonly Attack[] = [
  {
    what: 'searched for: the marker, which is no secret and is found in every kind of place',
    async run(ground) {
      const places = placesOf(MARKER, await everything(ground));
      for (const place of ['the log', 'the file sipwhy.db after the end', '/api/v1/calls?limit=500']) {
        assert.ok(places.includes(`${place} (plain)`), `${place}: ${places.join(', ')}`);
      }
      assert.ok(places.some((place) => place.startsWith('sipwhy export')));
    },
  },
  ...PLANTED.map(
    (name): Attack => ({
      what: `searched for everywhere: ${name}`,
      ...(name === 'LIVEKIT_URL' && { faults: [17] }),
      ...(name === 'header of a webhook' && { faults: [12] }),
      run: async (ground) => assert.deepEqual(placesOf(canary(name), await everything(ground)), []),
    }),
  ),
  {
    what: 'searched for everywhere: a caller’s number, with PRIVACY_HASH_KEY',
    async run(ground) {
      const evidence = await everything(ground);
      assert.match(evidence.get('/api/v1/calls?limit=500') ?? '', /"from":"h_[\da-f]{16}\.[\da-f]{4}"/);
      assert.deepEqual(placesOf('4915112345678', evidence), []);
    },
  },
  {
    what: 'searched for in the log at every level: a caller’s and a called number',
    faults: [11],
    async run(ground) {
      const log = (await everything(ground)).get('the log') ?? '';
      assert.match(log, /The call to sip:\+49•••11@x\.y/);
      assert.doesNotMatch(log, /15112345678|30111/);
    },
  },
  ...Object.entries(FAULTS).map(
    ([variable, valueWith]): Attack => ({
      what: `a secret in ${variable} that is at fault`,
      ...(variable === 'LIVEKIT_URL' && { faults: [17] }),
      async run() {
        const secret = canary('fault');
        const env = { LIVEKIT_API_KEY: 'k', LIVEKIT_API_SECRET: 's', [variable]: valueWith(secret) };
        const { status, stdout, stderr } = run(['serve'], env);
        assert.equal(status, 2, stderr);
        assert.match(stderr, new RegExp(`${variable} must`));
        assert.equal((stdout + stderr).includes(secret), false, stderr);
      },
    }),
  ),
  ...Object.entries(DATABASES).map(
    ([what, urlWith]): Attack => ({
      what: `a password in DATABASE_URL, with ${what}`,
      async run(ground) {
        const secret = canary('database');
        const { status, stdout, stderr } = run(['explain', 'x'], {
          DATABASE_URL: urlWith(secret),
          SPOOL_FILE: `${ground.directory()}/spool.db`,
        });
        assert.equal(status, 2, stderr);
        assert.equal((stdout + stderr).includes(secret), false, stderr);
        assert.doesNotMatch(stderr, /\n +at /);
      },
    }),
  ),
  ...[['serve'], ['export'], ['import', '-'], ['forget', '+15550123']].map(
    (args): Attack => ({
      what: `a secret as a path in DATABASE_URL that leads to nothing: ${args[0]}`,
      async run(ground) {
        const secret = canary('path');
        const folder = ground.directory();
        const { status, stdout, stderr } = run(args, { DATABASE_URL: `${folder}/${secret}/${secret}.db` });
        assert.notEqual(status, 0);
        // What there is of it helps to find where it ends.
        assert.ok((stdout + stderr).includes(`the path in DATABASE_URL, of which ${folder} exists`), stdout + stderr);
        assert.equal((stdout + stderr).includes(secret), false, stdout + stderr);
      },
    }),
  ),
];
