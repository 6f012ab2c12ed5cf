import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { freshProgram } from '../../bin/freshProgram.js';

const MAIN = freshProgram();
const COMMITTED = readFileSync(new URL('../../alerts/sipwhy.rules.yml', import.meta.url), 'utf8');

const rules = (...args: string[]) => spawnSync(process.execPath, [MAIN, 'rules', ...args], { encoding: 'utf8' });

/** The addresses that the annotations of a rule file begin with, by annotation. */
function hostsOf(text: string): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  const { groups } = parse(text) as { groups: { rules: { annotations?: Record<string, string> }[] }[] };
  for (const { annotations = {} } of groups.flatMap((group) => group.rules)) {
    for (const [name, value] of Object.entries(annotations)) {
      const [address] = /^https?:\/\/[^/]+/.exec(value) ?? [];
      if (address !== undefined) found[name] = (found[name] ?? new Set()).add(address);
    }
  }
  return Object.fromEntries(Object.entries(found).map(([name, hosts]) => [name, [...hosts]]));
}

describe('sipwhy rules', () => {
  const withoutLinks = (text: string) =>
    text.replaceAll(/^ +(dashboard|calls|incident|command|runbook_url): .*$/gm, '');

  it('prints the committed rules, with the addresses of one machine', () => {
    const { status, stdout } = rules();
    assert.deepEqual([status, withoutLinks(stdout)], [0, withoutLinks(COMMITTED)]);
    assert.deepEqual(hostsOf(stdout), {
      dashboard: ['http://localhost:3000'],
      calls: ['http://localhost:8080'],
      incident: ['http://localhost:8080'],
      runbook_url: ['http://localhost:8080'],
    });
  });

  it('links to the runbooks of the page, unless there are others', () => {
    const { stdout } = rules('--page-url', 'https://example.com/sipwhy/');
    assert.match(stdout, /runbook_url: '?https:\/\/example\.com\/sipwhy\/runbooks\/SipwhyHigh503Rate/);
    assert.doesNotMatch(stdout, /github\.com|localhost:8080/);
  });

  it('tells addresses apart where the operator’s page is where Grafana’s default is', () => {
    const { stdout } = rules('--page-url', 'http://localhost:3000', '--grafana-url', 'https://grafana.example.com');
    assert.deepEqual(hostsOf(stdout), {
      dashboard: ['https://grafana.example.com'],
      calls: ['http://localhost:3000'],
      incident: ['http://localhost:3000'],
      runbook_url: ['http://localhost:3000'],
    });
  });

  it('links from every alert to a dashboard that comes with sipwhy', () => {
    const { groups } = parse(COMMITTED) as {
      groups: { rules: { alert?: string; annotations?: { dashboard?: string } }[] }[];
    };
    const alerts = groups.flatMap((group) => group.rules).filter(({ alert }) => alert !== undefined);
    assert.ok(alerts.length > 20);
    for (const { alert, annotations } of alerts) {
      const [, uid = 'none'] = /\/d\/([\w-]+)\?/.exec(annotations?.dashboard ?? '') ?? [];
      assert.ok(existsSync(new URL(`../../dashboards/${uid}.json`, import.meta.url)), alert);
    }
  });

  it('ends quietly when its reader closes the pipe', () => {
    const { stdout, stderr } = spawnSync('sh', ['-c', '"$0" "$1" rules | head -1', process.execPath, MAIN], {
      encoding: 'utf8',
    });
    assert.match(stdout, /^# Generated/);
    assert.equal(stderr, '');
  });

  it('puts the operator’s own addresses into every link, and changes nothing else', () => {
    const { status, stdout } = rules(
      ...['--grafana-url', 'https://grafana.example.com/'],
      ...['--page-url', 'https://sipwhy.example.com'],
      ...['--runbook-url', 'https://wiki.example.com/runbooks/'],
    );
    assert.equal(status, 0);
    assert.deepEqual(hostsOf(stdout), {
      dashboard: ['https://grafana.example.com'],
      calls: ['https://sipwhy.example.com'],
      incident: ['https://sipwhy.example.com'],
      runbook_url: ['https://wiki.example.com'],
    });
    assert.match(stdout, /https:\/\/grafana\.example\.com\/d\/sipwhy-overview\?var-job=\{\{ \$labels\.job/);
    assert.match(stdout, / --server https:\/\/sipwhy\.example\.com$/m);
    assert.match(stdout, /https:\/\/wiki\.example\.com\/runbooks\/SipwhyHigh503Rate/);
    assert.equal(withoutLinks(stdout), withoutLinks(COMMITTED));
  });

  it('says as JSON which addresses were used', () => {
    const {
      grafana_url,
      page_url,
      rules: text,
    } = JSON.parse(rules('--json', '--page-url', 'https://s.example').stdout);
    assert.deepEqual([grafana_url, page_url], ['http://localhost:3000', 'https://s.example']);
    assert.deepEqual(hostsOf(text).calls, ['https://s.example']);
  });

  for (const address of ['grafana.example.com', 'https://g.example/?orgId=1', 'https://g.example/{{ x }}', 'ftp://g']) {
    it(`refuses ${address} as an address, with the flag and what it must be`, () => {
      const { status, stdout, stderr } = rules('--grafana-url', address);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(
        stderr,
        /--grafana-url must be an http:\/\/ or https:\/\/ URL without credentials, query or braces, got/,
      );
    });
  }
});
