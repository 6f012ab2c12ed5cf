import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Compile } from 'typebox/compile';
import { trunk, WITH_PASSWORD, webhooksOf } from '../core/scenario.ts';
import { apiOf, served } from './served.ts';

// JSON as it is read; what is looked at of it is asserted.
// biome-ignore lint/suspicious/noExplicitAny: a document whose shape is what is tested
type Json = any;

/** The schema with every object closed, so that a key which is not described is a fault. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in schema && !('additionalProperties' in schema)
    ? { ...inner, additionalProperties: false }
    : inner;
}

/** The schema with what its references name in their place. */
function resolved(schema: Json, document: Json): Json {
  if (Array.isArray(schema)) return schema.map((entry) => resolved(entry, document));
  if (typeof schema !== 'object' || schema === null) return schema;
  const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(schema.$ref ?? '') ?? [];
  if (name !== undefined) return resolved(document.components.schemas[name], document);
  return Object.fromEntries(Object.entries(schema).map(([key, entry]) => [key, resolved(entry, document)]));
}

describe('the OpenAPI description', () => {
  let api: Awaited<ReturnType<typeof served>>;
  let document: Json;
  let folder: string;
  const operations = (): [string, string, Json][] =>
    Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Json>(methods).map(([method, operation]): [string, string, Json] => [path, method, operation]),
    );
  const ofApi = () => operations().filter(([path]) => path.startsWith('/api/v1/'));

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sipwhy-expected-'));
    const expected = join(folder, 'calls.yml');
    writeFileSync(
      expected,
      'calls: [{name: one, to: nobody, expect: connected}, {name: two, to: nobody, from: "1", expect: refused}]',
    );
    api = await served({ LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud', EXPECTED_CALLS_FILE: expected });
    await api.make(webhooksOf({ ringing: [90], response: [200, 'OK', 900] }));
    await api.make(webhooksOf({ response: [407, 'Unauthorized', 90] }).map(renamed));
    await api.send(
      webhooksOf({ ringing: [90] }).map((sent) => ({ ...sent, body: sent.body?.replaceAll('-0000-', '-x-') })) as never,
    );
    document = await api.json('/openapi.json');
  });
  after(async () => {
    await api.close();
    rmSync(folder, { recursive: true });
  });
  const renamed = (sent: { body?: string }) =>
    ({ ...sent, body: sent.body?.replaceAll('5bd6b0c', '0000000') }) as never;

  it('is of version 3.1 and names every route that there is', async () => {
    assert.equal(document.openapi, '3.1.0');
    const described = operations().map(
      ([path, method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    );
    const routes = [...routesOf(apiOf(api).printRoutes({ commonPrefix: false, includeHooks: false }))];
    // Pages and their files are for people, OpenAPI has no WebSockets, and the sample's routes are those of the API.
    const notDescribed = /^\w+ \/(jambonz\/ws|api(\/(?!v1\/).*)?|api\/v1\/sample\/.*|assets\/.*|runbooks.*|)$/;
    const others = routes.filter((route) => !notDescribed.test(route));
    assert.deepEqual(
      described.filter((route) => !others.includes(route)),
      [],
    );
    for (const route of others.filter((other) => !described.includes(other))) {
      const [method, url] = route.split(' ');
      const answer = await apiOf(api).inject({ method: method as 'PUT', url: url ?? '' });
      assert.equal(answer.statusCode, 405, route);
    }
    assert.ok(described.length >= 12);
  });

  it('describes each route: what it is, its parameters, its answers and its problems', () => {
    const ids = operations().map(([, , { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [path, method, operation] of ofApi()) {
      const at = `${method} ${path}`;
      assert.ok(operation.summary && operation.tags?.length > 0, at);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters: Json[] = operation.parameters ?? [];
      assert.deepEqual(
        parameters.filter((p) => p.in === 'path').map((p) => p.name),
        inPath,
        at,
      );
      for (const parameter of parameters) assert.ok(parameter.schema, `${at} ${parameter.name}`);
      assert.ok(operation.responses['200'].content['application/json'].schema, at);
      for (const [status, { description, content }] of Object.entries<Json>(operation.responses)) {
        assert.ok(description, `${at} ${status}`);
        if (status !== '200') assert.ok(content['application/problem+json'].schema, `${at} ${status}`);
      }
      assert.ok(operation.responses['503'], at);
      assert.equal('401' in operation.responses, path !== '/api/v1/openapi.json', at);
    }
    const names = Object.keys(document.components.schemas);
    for (const name of ['Attempt', 'Call', 'Cause', 'CauseId', 'Finding', 'Fix', 'Incident', 'Problem', 'Stats'])
      assert.ok(names.includes(name), name);
    const cause = document.paths['/api/v1/calls'].get.parameters.find((p: Json) => p.name === 'cause');
    assert.deepEqual([cause.style, cause.explode, cause.schema.type], ['form', false, 'array']);
    const limit = document.paths['/api/v1/calls'].get.parameters.find((p: Json) => p.name === 'limit');
    assert.deepEqual([limit.required, limit.schema.default], [false, 50]);
  });

  it('fits every answer of the service, and nothing goes out that it does not describe', async () => {
    const { calls } = await api.json('/calls');
    const { incidents } = await api.json('/incidents');
    const narrowed = [trunk({ numbers: ['+15550177'] }), trunk({ sip_trunk_id: 'ST_2', numbers: ['+15550178'] })];
    await api.configure({ ...WITH_PASSWORD, inbound_trunks: narrowed });
    const { incidents: predicted } = await api.json('/incidents/predicted');
    assert.deepEqual(predicted.map((one: Json) => one.effect).toSorted(), ['opened', 'opened', 'refused']);
    const paths: Record<string, string[]> = {
      '/calls': ['/calls', '/calls?fields=summary', '/calls?cause=no', '/calls?numbers=masked'],
      '/calls/{callSid}': [
        ...calls.map((call: Json) => `/calls/${call.call_sid}`),
        '/calls/nobody',
        '/calls/x?format=y',
      ],
      '/stats': ['/stats', '/stats?since=-1d', '/stats?since=x'],
      '/incidents': ['/incidents', '/incidents?state=x'],
      '/incidents/{id}': [`/incidents/${incidents[0].id}`, '/incidents/x'],
      '/incidents/predicted': ['/incidents/predicted?state=all', '/incidents/predicted?state=x'],
      '/incidents/predicted/{id}': [
        ...predicted.map((one: Json) => `/incidents/predicted/${one.id}`),
        '/incidents/predicted/x',
      ],
      '/trunks': ['/trunks'],
      '/expected-calls': ['/expected-calls'],
      '/trunks/history': ['/trunks/history', '/trunks/history?limit=x'],
      '/trunks/history/{from}/{to}': ['/trunks/history/1/1', '/trunks/history/1/2', '/trunks/history/x/y'],
      '/causes': ['/causes'],
      '/setup': ['/setup'],
      '/session': ['/session'],
      '/events': ['/events?poll=1', '/events?poll=1&cursor=1', '/events?poll=1&cursor=x'],
      '/openapi.json': ['/openapi.json'],
    };
    const seen = new Set<string>();
    const fits = (
      path: string,
      method: string,
      url: string,
      answer: { statusCode: number; body: string; json(): Json },
    ) => {
      const response = document.paths[`/api/v1${path}`][method].responses[answer.statusCode];
      assert.ok(response, `${url} answered ${answer.statusCode}`);
      const type = answer.statusCode === 200 ? 'application/json' : 'application/problem+json';
      const shape = Compile(closed(resolved(response.content[type].schema, document)));
      const faults = [...shape.Errors(answer.json())].map(({ instancePath, message }) => `${instancePath} ${message}`);
      assert.deepEqual(faults.slice(0, 5), [], url);
      seen.add(`${method} /api/v1${path}`);
    };
    for (const [path, urls] of Object.entries(paths))
      for (const url of urls) fits(path, 'get', url, await api.get(url));
    for (const payload of [{ to: '+15550100', caller: '+15550123' }, { to: 5 }, {}]) {
      const answer = await apiOf(api).inject({ method: 'POST', url: '/api/v1/check', payload });
      fits('/check', 'post', 'check', answer);
    }
    for (const payload of [{ inbound_trunks: [] }, WITH_PASSWORD, { trunks: 1 }]) {
      const answer = await apiOf(api).inject({ method: 'POST', url: '/api/v1/check/configuration', payload });
      fits('/check/configuration', 'post', 'what if', answer);
    }
    for (const [id, payload] of [
      [predicted[0].id, { by: 'Ann' }],
      [predicted[0].id, {}],
      ['x', {}],
      ['x', { by: '' }],
    ] as const) {
      const url = `/api/v1/incidents/predicted/${id}/resolve`;
      const answer = await apiOf(api).inject({ method: 'POST', url, payload });
      fits('/incidents/predicted/{id}/resolve', 'post', `resolve ${id}`, answer);
    }
    for (const [method, payload] of [
      ['post', { token: 'x' }],
      ['post', { token: '' }],
      ['delete', undefined],
    ] as const) {
      const answer = await apiOf(api).inject({ method, url: '/api/v1/session', ...(payload && { payload }) });
      fits('/session', method, `${method} session`, answer);
    }
    const handled = (verb: string, payload: object, id = incidents[0].id) =>
      apiOf(api)
        .inject({ method: 'POST', url: `/api/v1/incidents/${id}/${verb}`, payload })
        .then((answer) => fits(`/incidents/{id}/${verb}`, 'post', `${verb} ${JSON.stringify(payload)}`, answer));
    for (const [verb, payload] of [
      ['acknowledge', { by: 'Ann' }],
      ['note', { text: 'seen' }],
      ['mute', { until: '+1h' }],
      ['put-away', { call_sid: 'nobody' }],
      ['put-away', { call_sid: incidents[0].examples[0], by: 'Ann' }],
      ['resolve', {}],
    ] as const) {
      await handled(verb, payload);
      await handled(verb, { by: '' });
      await handled(verb, payload, 'x');
    }
    assert.deepEqual(
      [...seen].toSorted(),
      ofApi()
        .map(([path, method]) => `${method} ${path}`)
        .toSorted(),
    );
    // Without a configuration, and with everything found wrong in one.
    const other = await served({}, null);
    fits('/trunks', 'get', 'trunks without a configuration', await other.get('/trunks'));
    await other.close();
  });
});

/** The routes of the tree that Fastify prints, one a line: `GET /path`. */
function* routesOf(tree: string): Generator<string> {
  const above: string[] = [];
  for (const line of tree.split('\n')) {
    const [, indent = '', part, methods = ''] = /^([\s│├└─]*)(\S+) \(([A-Z, ]+)\)$/.exec(line) ?? [];
    if (part === undefined) continue;
    const depth = indent.length / 4;
    above.splice(depth - 1, above.length, part);
    const path = above.join('').replace('//', '/');
    for (const method of methods.split(', ')) if (method !== 'HEAD') yield `${method} ${path}`;
  }
}
