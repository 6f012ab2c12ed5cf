import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { jambonzSignature, liveKitToken } from '../../app/signing.ts';
import { until } from '../../durable/serviceProcess.ts';
import type { Attack } from '../attack.ts';
import type { Target } from '../attackedService.ts';

const SECRET = 'a-secret-of-some-length-0123';
const ENV = {
  JAMBONZ_WEBHOOK_SECRET: SECRET,
  LIVEKIT_API_KEY: 'devkey',
  LIVEKIT_API_SECRET: SECRET,
};
const OTHER = 'b1'.repeat(32);

const timeOf = (signature: string) => /t=(\d+)/.exec(signature)?.[1] ?? '';
const digestOf = (signature: string) => /v1=(\w+)/.exec(signature)?.[1] ?? '';

/** The same signature, written in other ways that pass verification. Nobody needs the secret for that. */
const WRITTEN: Readonly<Record<string, (signature: string) => string>> = {
  'as it was': (signature) => signature,
  'with a space after the comma': (signature) => signature.replace(',', ', '),
  'with spaces around': (signature) => `  ${signature.replace(',', '  ,  ')}  `,
  'with a tab': (signature) => signature.replace(',', ',\t'),
  'in capital digits': (signature) => `t=${timeOf(signature)},v1=${digestOf(signature).toUpperCase()}`,
  'in another order': (signature) => `v1=${digestOf(signature)},t=${timeOf(signature)}`,
  'with a zero before the time': (signature) => signature.replace('t=', 't=0'),
  'with an earlier time before it': (signature) => `t=1,${signature}`,
  'with another part': (signature) => `${signature},x=1`,
  'with a hundred parts': (signature) => `${signature}${',x=1'.repeat(100)}`,
  'with empty parts': (signature) => `,,${signature},,`,
  'with a digest of another scheme': (signature) => `${signature},v0=${OTHER}`,
  'with a wrong digest before it': (signature) => signature.replace(',', `,v1=${OTHER},`),
  'with a wrong digest after it': (signature) => `${signature},v1=${OTHER}`,
  'with the digest twice': (signature) => `${signature},v1=${digestOf(signature)}`,
  'with a digest that is none': (signature) => `${signature},v1=zz`,
};

/** Signatures that were made from one that was seen, and must not pass. */
const FORGED: Readonly<Record<string, (signature: string) => string>> = {
  'a later time': (signature) => signature.replace(timeOf(signature), String(Number(timeOf(signature)) + 1)),
  'a second, later time': (signature) => `${signature},t=${Number(timeOf(signature)) + 1}`,
  'the digest cut short': (signature) => signature.slice(0, -2),
  'no time': (signature) => `v1=${digestOf(signature)}`,
  'the digest under another scheme': (signature) => signature.replace('v1=', 'v0='),
};

const bodyOf = (callSid: string) =>
  JSON.stringify({ call_sid: callSid, call_status: 'ringing', direction: 'outbound', sip_status: 180 });

let calls = 0;
const nextSid = () => {
  calls += 1;
  return `replayed-${calls}`;
};

const post = (service: Target, path: string, body: string, headers: Record<string, string>) =>
  service.send(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

async function timelineOf(service: Target, callSid: string): Promise<number> {
  return JSON.parse((await service.send(`/api/v1/calls/${callSid}`)).text).timeline.length;
}

/** Sends a signed status, then another request, and returns its status and how many events the call has. */
async function after(service: Target, again: (body: string, signature: string) => ReturnType<Target['send']>) {
  const callSid = nextSid();
  const body = bodyOf(callSid);
  const signature = jambonzSignature(body, SECRET, Date.now());
  assert.equal((await post(service, '/jambonz/call-status', body, { 'jambonz-signature': signature })).status, 204);
  const { status } = await again(body, signature);
  return { status, events: await timelineOf(service, callSid) };
}

const written = Object.entries(WRITTEN).map(
  ([how, write]): Attack => ({
    what: `a signed status is sent again, its signature written ${how}`,
    ...(how === 'with a space after the comma' && { faults: [9] }),
    async run(ground) {
      const service = await ground.service(ENV);
      const { status, events } = await after(service, (body, signature) =>
        post(service, '/jambonz/call-status', body, { 'jambonz-signature': write(signature) }),
      );
      assert.deepEqual([status, events], [204, 1]);
    },
  }),
);

const forged = Object.entries(FORGED).map(
  ([what, forge]): Attack => ({
    what: `a signed status is sent again with ${what} in its signature`,
    async run(ground) {
      const service = await ground.service(ENV);
      const { status, events } = await after(service, (body, signature) =>
        post(service, '/jambonz/call-status', body, { 'jambonz-signature': forge(signature) }),
      );
      assert.deepEqual([status, events], [401, 1]);
    },
  }),
);

const elsewhere: readonly Attack[] = [
  {
    what: 'a signed status is sent again to the dial hook',
    async run(ground) {
      const service = await ground.service(ENV);
      const { status, events } = await after(service, (body, signature) =>
        post(service, '/jambonz/dial-action', body, { 'jambonz-signature': signature }),
      );
      assert.deepEqual([status, events], [200, 1]);
    },
  },
  {
    what: 'a signed status is sent again with a query, another content type and other headers',
    async run(ground) {
      const service = await ground.service(ENV);
      const { status, events } = await after(service, (body, signature) =>
        post(service, '/jambonz/call-status?again=1', body, {
          'JAMBONZ-SIGNATURE': signature,
          'content-type': 'text/plain',
          'user-agent': 'another',
        }),
      );
      assert.deepEqual([status, events], [204, 1]);
    },
  },
  {
    what: 'a signed status is sent again ten times at once',
    async run(ground) {
      const service = await ground.service(ENV);
      const { events } = await after(service, async (body, signature) => {
        const again = Array.from({ length: 10 }, (_, i) =>
          post(service, '/jambonz/call-status', body, { 'jambonz-signature': `${signature},x=${i}` }),
        );
        const [first] = await Promise.all(again);
        assert.ok(first);
        return first;
      });
      assert.equal(events, 1);
    },
  },
  {
    what: 'a signed status is sent again with a space more in its body',
    async run(ground) {
      const service = await ground.service(ENV);
      const { status, events } = await after(service, (body, signature) =>
        post(service, '/jambonz/call-status', `${body} `, { 'jambonz-signature': signature }),
      );
      assert.deepEqual([status, events], [401, 1]);
    },
  },
  {
    what: 'variants of one signed status reach the application of the operator once',
    async run(ground) {
      let received = 0;
      const application = createServer((request, response) => {
        received += 1;
        request.resume().on('end', () => response.writeHead(204).end());
      });
      await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
      // The cast holds for whatever listens on a port.
      const { port } = application.address() as AddressInfo;
      try {
        const service = await ground.ownService({ ...ENV, CALL_STATUS_FORWARD_URL: `http://127.0.0.1:${port}/` });
        const body = bodyOf('forwarded');
        const signature = jambonzSignature(body, SECRET, Date.now());
        for (const write of Object.values(WRITTEN)) {
          await post(service, '/jambonz/call-status', body, { 'jambonz-signature': write(signature) });
        }
        await until('it is passed on', () => received > 0);
        await setTimeout(300);
        assert.equal(received, 1);
      } finally {
        application.closeAllConnections();
        application.close();
      }
    },
  },
];

/** The last bits of a base64url signature of 32 bytes do not count. */
const otherBits = (token: string) => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return `${token.slice(0, -1)}${letters[letters.indexOf(token.at(-1) ?? '') ^ 1]}`;
};

const TOKENS: Readonly<Record<string, (token: string) => string>> = {
  'as it was': (token) => token,
  'after the word Bearer': (token) => `Bearer ${token}`,
  'after bearer and spaces': (token) => `bearer   ${token}`,
  'with padding': (token) => `${token}=`,
  'with other last bits': otherBits,
  'in the other base64 alphabet': (token) => {
    const end = token.lastIndexOf('.');
    return token.slice(0, end) + token.slice(end).replaceAll('-', '+').replaceAll('_', '/');
  },
};

async function repeatedFromLiveKit(service: Target): Promise<number> {
  const { text } = await service.send('/metrics');
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('sipwhy_webhooks_total{') && line.includes('"livekit"'));
  return Number(
    lines.find((line) => line.includes('"room_started"') && line.includes('"repeated"'))?.split(' ')[1] ?? 0,
  );
}

const tokens = Object.entries(TOKENS).flatMap(([how, write]) =>
  [true, false].map(
    (hasId): Attack => ({
      what: `a webhook of LiveKit ${hasId ? 'with' : 'without'} an id is sent again, its token written ${how}`,
      async run(ground) {
        const service = await ground.service(ENV);
        const id = nextSid();
        const body = JSON.stringify({ event: 'room_started', ...(hasId && { id }), room: { sid: id, name: id } });
        const token = liveKitToken(body, SECRET, Date.now());
        const before = await repeatedFromLiveKit(service);
        assert.equal((await post(service, '/livekit/webhook', body, { authorization: token })).status, 200);
        assert.equal((await post(service, '/livekit/webhook', body, { authorization: write(token) })).status, 200);
        assert.equal((await repeatedFromLiveKit(service)) - before, 1);
      },
    }),
  ),
);

export const replay: readonly Attack[] = [...written, ...forged, ...elsewhere, ...tokens];
