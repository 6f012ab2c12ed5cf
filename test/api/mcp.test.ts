import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import Fastify from 'fastify';
import { freshProgram } from '../../bin/freshProgram.js';
import { askIn } from '../../src/http/api/askIn.ts';
import { B_LEG, webhooksOf } from '../core/scenario.ts';
import { served } from './served.ts';

const MAIN = freshProgram();
const TOKEN = 'a-token-of-the-api-1234';
const CALLER = '+15550123';

/** What a tool answered, as text. */
async function call(client: Client, name: string, args: object = {}) {
  const { content, isError } = await client.callTool({ name, arguments: { ...args } });
  const [first] = content as { type: string; text: string }[];
  assert.equal(first?.type, 'text');
  return { text: first?.text ?? '', isError: isError === true };
}

describe('the tools for language models', () => {
  let directory: string;
  let api: Awaited<ReturnType<typeof served>>;
  let plain: Awaited<ReturnType<typeof served>>;
  let origin: string;
  const clients: Client[] = [];

  async function connected(transport: Transport): Promise<Client> {
    const client = new Client({ name: 'a test', version: '1' });
    await client.connect(transport);
    clients.push(client);
    return client;
  }
  const overHttp = (at: string, token = TOKEN) =>
    connected(
      // The cast: the SDK's types allow undefined where the interface does not.
      new StreamableHTTPClientTransport(new URL('/mcp', at), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
      }) as Transport,
    );
  const overStdio = (args: string[], env: Record<string, string>) =>
    connected(
      new StdioClientTransport({
        command: process.execPath,
        args: [MAIN, 'mcp', ...args],
        env: { PATH: process.env.PATH ?? '', ...env },
      }),
    );

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-mcp-'));
    const store = { DATABASE_URL: join(directory, 'store.db') };
    api = await served({ ...store, PORT: '0', API_TOKEN: TOKEN, LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud' });
    await api.make(webhooksOf({ response: [407, 'Unauthorized', 90] }));
    origin = await api.service.app.listen();
    plain = await served({ PORT: '0', MCP_NUMBERS: 'plain', LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud' });
    await plain.make(webhooksOf({ response: [407, 'Unauthorized', 90] }));
  });
  after(async () => {
    for (const client of clients) await client.close();
    await api.close();
    await plain.close();
    rmSync(directory, { recursive: true });
  });

  const places = {
    'a service over HTTP': () => overHttp(origin),
    'the command on the store': () => overStdio([], { DATABASE_URL: join(directory, 'store.db') }),
    'the command on a service': () => overStdio(['--server', origin], { API_TOKEN: TOKEN }),
  };
  for (const [place, connect] of Object.entries(places)) {
    it(`are the same of ${place}, and answer`, async () => {
      const client = await connect();
      const { tools } = await client.listTools();
      const names = ['list_incidents', 'explain_call', 'search_calls', 'check_call', 'audit', 'causes'];
      assert.deepEqual(
        tools.map(({ name }) => name),
        names,
      );
      for (const { annotations, description, inputSchema } of tools) {
        assert.equal(annotations?.readOnlyHint, true);
        assert.ok(description);
        assert.equal(inputSchema.additionalProperties, false);
      }
      const { incidents } = JSON.parse((await call(client, 'list_incidents')).text);
      assert.deepEqual([incidents[0].cause, incidents[0].state], ['auth_missing', 'open']);
      const { calls } = JSON.parse((await call(client, 'search_calls', { cause: 'auth_missing' })).text);
      assert.equal(calls[0].call_sid, B_LEG);
      const explained = await call(client, 'explain_call', { call_sid: B_LEG });
      assert.match(explained.text, /the trunk requires credentials, but none were sent/);
      // The caller's number is shown only in part, everywhere.
      for (const text of [JSON.stringify({ incidents, calls }), explained.text]) {
        assert.equal(text.includes(CALLER.slice(1)), false);
      }
    });
  }

  it('check a call, audit, and describe causes', async () => {
    const client = await overHttp(origin);
    const { answers } = JSON.parse(
      (await call(client, 'check_call', { to: 'sip:+15550100@lab.sip.livekit.cloud', auth_username: false })).text,
    );
    assert.deepEqual([answers[0].would_connect, answers[0].blocking[0]], [false, 'auth_missing']);
    assert.equal(JSON.parse((await call(client, 'audit')).text).trunks[0].sip_trunk_id, 'ST_1');
    assert.ok(JSON.parse((await call(client, 'causes')).text).length >= 36);
    assert.equal(JSON.parse((await call(client, 'causes', { id: 'dns_failure' })).text).party, 'network');
  });
  it('say what is wrong with a question, and what is not there', async () => {
    const client = await overHttp(origin);
    for (const [name, args, words, isError] of [
      ['explain_call', { call_sid: 'nobody' }, /There is none/, false],
      ['causes', { id: 'nonsense' }, /There is none/, false],
      ['explain_call', {}, /call_sid/, true],
      ['search_calls', { since: 'yesterday' }, /since must be a time/, true],
      ['search_calls', { causes: 'x' }, /There is no argument causes\. Arguments: outcome, cause,/, true],
      ['list_incidents', { cause: 'nonsense' }, /cause must be/, true],
      ['drop_table', {}, /There is no tool drop_table/, true],
    ] as const) {
      const answer = await call(client, name, args);
      assert.match(answer.text, words);
      assert.equal(answer.isError, isError, name);
    }
  });
  it('do not read an answer that is too large for a model', async () => {
    const large = Fastify();
    large.get('/api/v1/trunks', async () => ({ text: 'x'.repeat(1_500_000) }));
    const made: number[] = [];
    const ask = (most?: number) =>
      askIn(async () => {
        made.push(1);
        return large;
      }, most);
    await assert.rejects(
      ask(1024 * 1024)('/trunks'),
      /^Error: The answer has more than 1 MiB, which is too much here\./,
    );
    const all = ask();
    assert.equal(made.length, 1);
    await Promise.all([all('/trunks'), all('/trunks')]);
    assert.equal(made.length, 2);
  });
  it('show numbers in full only if told to', async () => {
    const client = await overHttp(await plain.service.app.listen());
    assert.match((await call(client, 'explain_call', { call_sid: B_LEG })).text, /\+15550123/);
    const command = await overStdio(['--numbers', 'plain'], { DATABASE_URL: join(directory, 'store.db') });
    assert.match((await call(command, 'search_calls')).text, /\+15550123/);
  });
  it('need the token', async () => {
    await assert.rejects(overHttp(origin, 'a-wrong-token'), /401|Unauthorized|missing or wrong/);
    const { statusCode } = await api.service.app.http.inject({ method: 'POST', url: '/mcp', payload: {} });
    assert.equal(statusCode, 401);
  });
  it('are refused to other methods and to bodies that are no message', async () => {
    const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/json, text/event-stream' };
    const { http } = api.service.app;
    assert.equal((await http.inject({ url: '/mcp', headers })).statusCode, 405);
    for (const payload of [{}, { jsonrpc: '1.0' }, { jsonrpc: '2.0', id: 1 }]) {
      const answer = await http.inject({ method: 'POST', url: '/mcp', headers, payload });
      assert.equal(answer.statusCode, 400);
    }
    const nested = '['.repeat(100) + ']'.repeat(100);
    const json = { ...headers, 'content-type': 'application/json' };
    const answer = await http.inject({ method: 'POST', url: '/mcp', headers: json, payload: nested });
    assert.equal(answer.statusCode, 400);
  });
});
