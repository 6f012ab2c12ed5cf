import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from '../../src/settings/settings.ts';

describe('the settings', () => {
  const faultsOf = (env: Record<string, string>) => {
    const reading = readSettings(env);
    return reading.ok ? [] : reading.faults;
  };
  const settingsOf = (env: Record<string, string>) => {
    const reading = readSettings(env);
    assert.ok(reading.ok);
    return reading.settings;
  };

  it('need nothing to be set: loopback, and a warning for what is missing', () => {
    const settings = settingsOf({});
    assert.equal(settings.access.host, '127.0.0.1');
    assert.deepEqual(
      settings.warnings.map((warning) => warning.split(' ')[0]),
      ['JAMBONZ_WEBHOOK_SECRET', 'LIVEKIT_API_KEY', 'Neither', 'JAMBONZ_SBC_ADDRESSES'],
    );
  });

  it('have the files of the service and its commands beside the store', () => {
    const pathsOf = (env: Record<string, string>) => {
      const { journalDirectory, spoolFile, connectFile } = settingsOf(env);
      return [journalDirectory, spoolFile, connectFile];
    };
    const postgres = { DATABASE_URL: 'postgres://db.example.com/sipwhy', SPOOL_FILE: '/var/spool.db' };
    assert.deepEqual(pathsOf({}), ['sipwhy.db.journal', undefined, 'sipwhy.db.connect']);
    assert.deepEqual(pathsOf({ DATABASE_URL: ':memory:' }), [undefined, undefined, 'sipwhy.connect']);
    assert.deepEqual(pathsOf({ JOURNAL_DIR: '/j' }), ['/j', undefined, 'sipwhy.db.connect']);
    assert.deepEqual(pathsOf(postgres), ['/var/spool.db.journal', '/var/spool.db', '/var/spool.db.connect']);
  });

  it('refuse a base of Jambonz’s API with credentials or a query, and a key that fits in no header', () => {
    const fault = 'JAMBONZ_API_URL must be an http:// or https:// URL without credentials or query';
    for (const url of ['https://u:p@api.example.com', 'https://api.example.com/v1?a=b', 'ftp://api.example.com'])
      assert.ok(faultsOf({ JAMBONZ_API_URL: url })[0]?.startsWith(fault), url);
    assert.deepEqual(faultsOf({ JAMBONZ_API_URL: 'https://api.example.com:99999' }), [fault]);
    assert.deepEqual(faultsOf({ JAMBONZ_API_KEY: 'two words' }), ['JAMBONZ_API_KEY must be an API key']);
    assert.deepEqual(settingsOf({ JAMBONZ_API_URL: 'https://a.example.com/v1', JAMBONZ_API_KEY: 'k' }).jambonzApi, {
      url: 'https://a.example.com/v1',
      key: 'k',
    });
  });

  it('report every fault together, each with the remedy', () => {
    assert.deepEqual(
      faultsOf({ PORT: 'http', LIVEKIT_REFRESH_SECONDS: '2', LIVEKIT_URL: 'example', JAMBONZ_BASIC_AUTH: 'nobody' }),
      [
        'LIVEKIT_URL must be a ws://, wss://, http:// or https:// URL without credentials, got "example"',
        'LIVEKIT_REFRESH_SECONDS must be 5 to 3600, got "2"',
        'JAMBONZ_BASIC_AUTH must be user:password',
        'PORT must be 0 to 65535, got "http"',
      ],
    );
  });

  it('report together what is wrong with one variable by itself and what is wrong with others', () => {
    const faults = faultsOf({
      PORT: 'http',
      LIVEKIT_URL: 'example',
      LIVEKIT_API_SECRET: 'secret',
      LIVEKIT_SIP_HOST: 'sip.example.com, not a host',
      JAMBONZ_SBC_ADDRESSES: 'sbc.example.com',
      DIAL_ACTION_FALLBACK: '{}',
      INCIDENT_WEBHOOK_URL: 'nowhere',
      RETENTION_DAYS: 'some',
      DATABASE_URL: 'mysql://db.example.com/sipwhy',
    });
    assert.deepEqual(faults.map((fault) => fault.split(' ')[0]).sort(), [
      'DATABASE_URL',
      'DIAL_ACTION_FALLBACK',
      'INCIDENT_WEBHOOK_URL',
      'JAMBONZ_SBC_ADDRESSES',
      'LIVEKIT_API_KEY',
      'LIVEKIT_SIP_HOST',
      'LIVEKIT_URL',
      'PORT',
      'RETENTION_DAYS',
    ]);
  });

  it('say nothing of what belongs to a variable that is wrong itself', () => {
    assert.deepEqual(faultsOf({ LIVEKIT_URL: 'example', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' }), [
      'LIVEKIT_URL must be a ws://, wss://, http:// or https:// URL without credentials, got "example"',
    ]);
  });

  it('take hosts in every form, and files or PostgreSQL for a store', () => {
    const hosts =
      'sip.example.com, sip:b.example.com:5061;transport=tls, 192.0.2.1:5060, [2001:db8::1]:5060, 2001:db8::2';
    assert.deepEqual(settingsOf({ LIVEKIT_SIP_HOST: hosts }).site.sipHosts, [
      'sip.example.com',
      'b.example.com',
      '192.0.2.1',
      '2001:db8::1',
      '2001:db8::2',
    ]);
    for (const host of ['a b', 'https://sip.example.com', 'x@@y', 'user@']) {
      assert.match(faultsOf({ LIVEKIT_SIP_HOST: host })[0] ?? '', /^LIVEKIT_SIP_HOST must be host names/, host);
    }
    for (const url of [
      'sqlite:///sipwhy.db',
      'mysql://db.example.com/x',
      'postgres://host:port/x',
      'file:s.db?mode=ro',
    ]) {
      assert.match(faultsOf({ DATABASE_URL: url })[0] ?? '', /^DATABASE_URL must be a file path/, url);
    }
    for (const url of ['sipwhy.db', '/var/lib/sipwhy/a b.db', ':memory:', 'postgresql://db.example.com/x'])
      assert.deepEqual(faultsOf({ DATABASE_URL: url }), [], url);
  });

  it('ask for what belongs together', () => {
    assert.match(faultsOf({ LIVEKIT_API_KEY: 'key' })[0] ?? '', /^LIVEKIT_API_SECRET must be set too/);
    assert.match(faultsOf({ LIVEKIT_URL: 'wss://example.livekit.cloud' })[0] ?? '', /^LIVEKIT_URL needs/);
    assert.deepEqual(faultsOf({ LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' }), []);
    assert.deepEqual(faultsOf({ JAMBONZ_SBC_ADDRESSES: '192.0.2.1, 2001:db8::1' }), []);
    assert.match(faultsOf({ JAMBONZ_SBC_ADDRESSES: '192.0.2.1,sbc.example.com' })[0] ?? '', /sbc\.example\.com/);
  });

  it('take the URLs of the application, and verbs for when it fails', () => {
    const { forward } = settingsOf({
      DIAL_ACTION_FORWARD_URL: 'https://app.example.com/dial?x=1',
      DIAL_ACTION_FALLBACK: '[{"verb":"hangup"}]',
      CALL_STATUS_FORWARD_URL: 'http://127.0.0.1:3000/status',
    });
    assert.deepEqual(forward, {
      dialAction: { url: 'https://app.example.com/dial?x=1', timeoutMs: 5_000, fallback: [{ verb: 'hangup' }] },
      callStatus: { url: 'http://127.0.0.1:3000/status' },
    });
    assert.deepEqual(settingsOf({}).forward, { dialAction: undefined, callStatus: undefined });
  });

  it('refuse verbs that are none, and URLs that hold credentials or are none', () => {
    for (const fallback of ['hangup', '{"verb":"hangup"}', '["hangup"]', '[{"verb":""}]', '[{"say":{"text":"x"}}]']) {
      assert.match(faultsOf({ DIAL_ACTION_FALLBACK: fallback })[0] ?? '', /^DIAL_ACTION_FALLBACK must be a JSON array/);
    }
    for (const url of [
      'app.example.com',
      'ftp://app.example.com',
      'http://user:secret@app.example.com',
      'http://[::',
    ]) {
      assert.match(
        faultsOf({ CALL_STATUS_FORWARD_URL: url })[0] ?? '',
        /^CALL_STATUS_FORWARD_URL must be an http/,
        url,
      );
    }
    assert.match(faultsOf({ DIAL_ACTION_FORWARD_TIMEOUT_MS: '10000' })[0] ?? '', /must be 100 to 9500/);
  });

  it('refuse to pass webhooks on to sipwhy itself', () => {
    for (const url of ['http://localhost:8080/', 'http://127.0.0.1:8080/jambonz/call-status', 'http://[::1]:8080/x']) {
      assert.match(faultsOf({ CALL_STATUS_FORWARD_URL: url })[0] ?? '', /leads back to sipwhy itself/, url);
      assert.deepEqual(faultsOf({ CALL_STATUS_FORWARD_URL: url, PORT: '8081' }), []);
    }
    const own = { HOST: 'sipwhy.internal', PORT: '443', DIAL_ACTION_FORWARD_URL: 'https://SIPWHY.internal/dial' };
    assert.match(faultsOf(own)[0] ?? '', /^DIAL_ACTION_FORWARD_URL .* leads back to sipwhy itself/);
  });

  it('refuse credentials in LIVEKIT_URL without repeating them, and leave out its query with a warning', () => {
    const key = { LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };
    for (const url of ['ws://u:hunter2@h', 'https://hunter2@h/x', 'http://h:99999', 'ws://u:p/hunter2@h:x']) {
      const faults = faultsOf({ ...key, LIVEKIT_URL: url });
      assert.match(faults[0] ?? '', /^LIVEKIT_URL must be a ws:.* URL without credentials/, url);
      assert.doesNotMatch(faults.join('\n'), /hunter2/);
    }
    const { livekit, warnings } = settingsOf({ ...key, LIVEKIT_URL: 'wss://example.com/x?token=hunter2#y' });
    assert.equal(livekit.url, 'wss://example.com/x');
    assert.deepEqual(
      warnings.filter((warning) => warning.includes('LIVEKIT_URL')),
      ['The query in LIVEKIT_URL is ignored. Leave it out.'],
    );
  });

  it('listen on loopback only as long as webhooks are not authenticated', () => {
    assert.equal(settingsOf({ HOST: '0.0.0.0' }).access.host, '127.0.0.1');
    assert.equal(settingsOf({ HOST: '0.0.0.0', JAMBONZ_WEBHOOK_SECRET: ',' }).access.host, '127.0.0.1');
    assert.match(settingsOf({ HOST: '0.0.0.0' }).warnings[0] ?? '', /HOST is ignored/);
    const token = { API_TOKEN: 'a-token-of-this-test' };
    for (const HOST of ['0.0.0.0', '::', '192.0.2.1', 'sipwhy.internal']) {
      assert.equal(settingsOf({ HOST, ...token, JAMBONZ_WEBHOOK_SECRET: 'x'.repeat(20) }).access.host, HOST);
      assert.equal(settingsOf({ HOST, ...token, JAMBONZ_BASIC_AUTH: 'user:password' }).access.host, HOST);
    }
  });

  it('listen elsewhere only if reads need a token, or something else checks them', () => {
    const outside = { HOST: '0.0.0.0', JAMBONZ_BASIC_AUTH: 'user:password' };
    const [fault = ''] = faultsOf(outside);
    assert.match(fault, /^API_TOKEN must be set with HOST=0\.0\.0\.0, .* set ALLOW_OPEN_API=true if a proxy/);
    assert.deepEqual(faultsOf({ ...outside, METRICS_TOKEN: 'a-token-of-this-test' }), [fault]);
    assert.deepEqual(faultsOf({ ...outside, ALLOW_OPEN_API: 'false' }), [fault]);
    assert.deepEqual(faultsOf({ ...outside, API_TOKEN: 'a-token-of-this-test' }), []);
    const open = settingsOf({ ...outside, ALLOW_OPEN_API: 'true' });
    assert.ok(open.access.allowsOpenApi && !open.access.isLoopback);
    assert.match(
      open.warnings.join('\n'),
      /^API_TOKEN is not set and ALLOW_OPEN_API is: everyone who reaches 0\.0\.0\.0/m,
    );
  });

  for (const HOST of ['127.0.0.1', '127.0.0.2', '127.255.1.1', '::1', 'localhost', 'LOCALHOST']) {
    it(`count ${HOST} as loopback, where nothing has to be set`, () => {
      const { access } = settingsOf({ HOST, JAMBONZ_BASIC_AUTH: 'user:password' });
      assert.deepEqual([access.host, access.isLoopback], [HOST, true]);
    });
  }

  it('take a listener for the metrics', () => {
    for (const [METRICS_LISTEN, listener] of [
      ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464, isLoopback: true }],
      [':9464', { host: '127.0.0.1', port: 9464, isLoopback: true }],
      ['0.0.0.0:65535', { host: '0.0.0.0', port: 65_535, isLoopback: false }],
      ['[::1]:0', { host: '::1', port: 0, isLoopback: true }],
    ] as const) {
      assert.deepEqual(settingsOf({ METRICS_LISTEN }).access.metricsListener, listener);
    }
    for (const METRICS_LISTEN of ['9464', '127.0.0.1', '::1:9464', ':65536', ':x', '[::1]'])
      assert.match(faultsOf({ METRICS_LISTEN })[0] ?? '', /^METRICS_LISTEN must be address:port/, METRICS_LISTEN);
  });

  it('take the names of proxies without ports', () => {
    const { hostNames } = settingsOf({ ALLOWED_HOSTS: 'sipwhy.example.com, Other.internal' }).access;
    assert.deepEqual(hostNames, ['sipwhy.example.com', 'other.internal']);
    for (const ALLOWED_HOSTS of ['https://sipwhy.example.com', 'sipwhy.example.com:443', 'a b'])
      assert.match(faultsOf({ ALLOWED_HOSTS })[0] ?? '', /^ALLOWED_HOSTS must be host names/, ALLOWED_HOSTS);
  });

  it('take a weak secret, and warn of it', () => {
    const { trust, warnings } = settingsOf({ JAMBONZ_WEBHOOK_SECRET: 'short, another-one-that-is-long' });
    assert.deepEqual(trust.secrets, ['short', 'another-one-that-is-long']);
    assert.match(warnings[0] ?? '', /weak/);
    for (const name of ['API_TOKEN', 'METRICS_TOKEN']) {
      const isWeak = (length: number) =>
        settingsOf({ [name]: 'x'.repeat(length) }).warnings.includes(
          `${name} is weak. Use at least 16 random characters.`,
        );
      assert.deepEqual([15, 16].map(isWeak), [true, false]);
    }
  });

  it('refuse a PRIVACY_HASH_KEY of less than 16 characters', () => {
    assert.deepEqual(faultsOf({ PRIVACY_HASH_KEY: 'x'.repeat(15) }), [
      'PRIVACY_HASH_KEY must be at least 16 characters',
    ]);
    assert.equal(settingsOf({ PRIVACY_HASH_KEY: 'x'.repeat(16) }).site.hashKey, 'x'.repeat(16));
  });

  it('take the addresses of the page, Grafana and traces, and drop a trailing slash of the first two', () => {
    assert.deepEqual(settingsOf({}).links, {
      pageUrl: undefined,
      grafanaUrl: undefined,
      traceUrlTemplate: undefined,
    });
    const template = 'https://jaeger.example.com:16686/trace/{trace_id}?x=1';
    const env = { PAGE_URL: 'https://example.com/sipwhy//', GRAFANA_URL: 'http://[2001:db8::1]:3000/' };
    assert.deepEqual(settingsOf({ ...env, TRACE_URL_TEMPLATE: template }).links, {
      pageUrl: 'https://example.com/sipwhy',
      grafanaUrl: 'http://[2001:db8::1]:3000',
      traceUrlTemplate: template,
    });
    for (const TRACE_URL_TEMPLATE of ['http://h/{trace_id}', 'http://h?id={trace_id}', 'http://h/#/{trace_id}/a'])
      assert.deepEqual(faultsOf({ TRACE_URL_TEMPLATE }), [], TRACE_URL_TEMPLATE);
  });

  for (const url of [
    'example.com',
    'ftp://example.com',
    'https://user:secret@example.com',
    'https://example.com/?a=b',
    'https://example.com/#a',
    'https://example.com/{id}',
    'https://example.com/"x',
    'https://example.com/a b',
    'https://example.com:99999',
    'https://',
  ]) {
    it(`refuse ${url} as the address of the page and of Grafana`, () => {
      for (const name of ['PAGE_URL', 'GRAFANA_URL']) {
        const [fault = '', ...others] = faultsOf({ [name]: url });
        assert.ok(
          fault.startsWith(`${name} must be an http:// or https:// URL without credentials, query or braces`),
          fault,
        );
        assert.deepEqual(others, []);
      }
    });
  }

  for (const template of [
    'https://h/trace',
    'https://h/{traceid}',
    'https://{trace_id}',
    'https://{trace_id}.h/x',
    'https://u@h/{trace_id}',
    'h/{trace_id}',
    'https://h/{trace_id} x',
    'https://h:99999/{trace_id}',
  ]) {
    it(`refuse ${template} as a template of traces`, () => {
      const [fault = ''] = faultsOf({ TRACE_URL_TEMPLATE: template });
      assert.match(
        fault,
        /^TRACE_URL_TEMPLATE must be an http:.* without credentials, with \{trace_id\} after the host/,
      );
    });
  }

  it('never repeat a secret in a message', () => {
    const faults = faultsOf({
      JAMBONZ_BASIC_AUTH: 'sup3rs3cret',
      CALL_STATUS_FORWARD_URL: 'http://me:sup3rs3cret@app',
      PORT: '-1',
    });
    assert.equal(faults.length, 3);
    assert.doesNotMatch(faults.join('\n'), /sup3rs3cret/);
  });

  it('repeat what is no secret, but nothing that may be one in the wrong variable', () => {
    assert.match(faultsOf({ PORT: 'x'.repeat(15) })[0] ?? '', /, got "x{15}"$/);
    assert.match(faultsOf({ PORT: 'x'.repeat(16) })[0] ?? '', /, got 16 characters that are not repeated here$/);
    for (const name of ['PORT', 'LIVEKIT_URL', 'LIVEKIT_SIP_HOST', 'JAMBONZ_SBC_ADDRESSES', 'DIAL_ACTION_FALLBACK']) {
      assert.match(faultsOf({ [name]: 'x:hunter2@h /' })[0] ?? '', /, got 13 characters that are not/, name);
    }
    assert.match(
      faultsOf({ PROBE_TARGETS: 'sip:u:hunter2@h;transport=x' })[0] ?? '',
      /, got 27 characters that are not/,
    );
  });
});
