import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { ALERTS, generatedFiles } from '../../alerts/rules/alertFiles.ts';
import { CAUSES } from '../../src/core/diagnose/causes.ts';
import { without } from '../debianTools.ts';
import { rulesAskedFor } from './rulesAskedFor.ts';

const TOP = fileURLToPath(new URL('../../', import.meta.url));
const ALERTMANAGER = 'alerts/alertmanager.example.yml';

const promtool = (...args: string[]) => run('promtool', args);
const amtool = (...args: string[]) => run('amtool', args);
const withPromtool = { skip: without('promtool') };
const withAmtool = { skip: without('amtool') };

test('the committed rules, their tests and runbooks are what the code generates', () => {
  for (const { path, content } of generatedFiles()) {
    assert.equal(readFileSync(TOP + path, 'utf8'), content, `${path} is stale; run npm run generate`);
  }
});

test('promtool finds no fault and no lint in the rules', withPromtool, () => {
  promtool('check', 'rules', '--lint=all', '--lint-fatal', 'alerts/sipwhy.rules.yml');
});

const RULES = readFileSync(`${TOP}alerts/sipwhy.rules.yml`, 'utf8');

for (const file of testFiles()) {
  test(`the alerts of ${file} fire, stay quiet and resolve as they should`, withPromtool, (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'sipwhy-rules-'));
    context.after(() => rmSync(directory, { recursive: true }));
    const asked = readFileSync(`${TOP}alerts/${file}`, 'utf8');
    // The test names its rules by a relative path.
    writeFileSync(join(directory, file), asked);
    writeFileSync(join(directory, 'sipwhy.rules.yml'), rulesAskedFor(RULES, asked));
    promtool('test', 'rules', join(directory, file));
  });
}

/** As far as this test reads the files of promtool. */
interface RuleTest {
  readonly alert_rule_test?: readonly {
    readonly eval_time: string;
    readonly alertname: string;
    readonly exp_alerts: readonly {
      readonly exp_labels: { readonly severity: string };
      readonly exp_annotations?: Readonly<Record<string, string>>;
    }[];
  }[];
}

test('every alert is tested to be quiet, then to fire with each of its severities, and then to resolve', () => {
  const tests = testFiles().flatMap((file) => parse(readFileSync(`${TOP}alerts/${file}`, 'utf8')).tests as RuleTest[]);
  for (const { alert, labels } of ALERTS) {
    const courses = tests.map(({ alert_rule_test: moments = [] }) =>
      moments
        .filter(({ alertname }) => alertname === alert)
        .toSorted((a, b) => minutes(a.eval_time) - minutes(b.eval_time))
        .map(({ exp_alerts }) =>
          exp_alerts.some((one) => one.exp_labels.severity === labels.severity) ? 'fires' : 'quiet',
        )
        .join(' '),
    );
    assert.ok(
      courses.some((course) => /quiet.* fires.* quiet/.test(course)),
      `${alert}: ${courses.filter(Boolean)}`,
    );
  }
});

/** The minutes of `47h50m`. */
function minutes(duration: string): number {
  const [, hours = 0, whole = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  return Number(hours) * 60 + Number(whole) + Number(seconds) / 60;
}

test('every annotation is tested to say what is true', () => {
  const tests = testFiles().flatMap((file) => parse(readFileSync(`${TOP}alerts/${file}`, 'utf8')).tests as RuleTest[]);
  for (const { alert, labels, annotations } of ALERTS) {
    const told = tests
      .flatMap(({ alert_rule_test: moments = [] }) => moments)
      .filter(({ alertname }) => alertname === alert)
      .flatMap(({ exp_alerts }) => exp_alerts)
      .filter(({ exp_labels }) => exp_labels.severity === labels.severity)
      .flatMap(({ exp_annotations = {} }) => Object.keys(exp_annotations));
    assert.deepEqual(new Set(told), new Set(Object.keys(annotations)), alert);
  }
});

test('every alert has a severity, texts, a dashboard and a runbook of the right shape', () => {
  for (const { alert, labels, annotations } of ALERTS) {
    assert.ok(labels.severity === 'page' || labels.severity === 'ticket', alert);
    assert.ok(annotations.summary && annotations.description, alert);
    assert.match(annotations.dashboard ?? '', /^https?:\/\/[^ ]+\/d\/sipwhy-(overview|trunk|sidecar)\?var-job=/, alert);
    const runbookName = alert === 'SipwhyIncident' ? '{{ $labels.cause | urlquery }}' : alert;
    assert.equal(annotations.runbook_url, `http://localhost:8080/runbooks/${runbookName}`);
    const runbook = `${TOP}docs/runbooks/${alert}.md`;
    assert.ok(existsSync(runbook), `${alert} has no runbook`);
    const headings = readFileSync(runbook, 'utf8').match(/^#+ .*$/gm);
    assert.deepEqual(headings, [`# ${alert}`, '## Meaning', '## Impact', '## Diagnosis', '## Mitigation']);
  }
});

test('every alert says what the cause is, who owns it and what to do, or where that is joined from', () => {
  for (const { alert, annotations } of ALERTS) {
    const description = annotations.description ?? '';
    assert.match(description, /Cause: |\$labels\.title|\.Labels\.title/, alert);
    assert.match(description, /Owner: |\$labels\.party/, alert);
    assert.match(description, /Fix: /, alert);
  }
});

test('alerts about calls have a link to them on sipwhy’s page', () => {
  for (const { alert, annotations } of ALERTS.filter(({ labels }) => labels.scope !== 'sidecar')) {
    if (alert === 'SipwhyAuditFindingCritical') continue;
    assert.match(annotations.calls ?? '', /^http:\/\/localhost:8080\/\?\w+=/, alert);
  }
});

test('every runbook belongs to an alert', () => {
  const pages = readdirSync(`${TOP}docs/runbooks`).map((name) => name.replace(/\.md$/, ''));
  assert.deepEqual(new Set(pages), new Set(ALERTS.map(({ alert }) => alert)));
});

test('every cause that somebody can act on has a runbook page, to which its incident’s page leads', () => {
  for (const { id } of CAUSES.filter(({ party }) => party !== 'nobody')) {
    const text = readFileSync(`${TOP}docs/causes/${id}.md`, 'utf8');
    for (const heading of ['## Meaning', '## Impact', '## Diagnosis', '## Mitigation'])
      assert.ok(text.includes(heading), id);
  }
});

test('amtool accepts the example configuration with its templates', withAmtool, () => {
  amtool('check-config', ALERTMANAGER);
});

const ROUTES = [
  ['a page goes to whoever is on call', ['alertname=SipwhyHigh503Rate', 'severity=page'], 'sipwhy-page'],
  ['an incident too', ['alertname=SipwhyIncident', 'severity=page', 'party=livekit'], 'sipwhy-page'],
  ['a ticket waits', ['alertname=SipwhyIncident', 'severity=ticket', 'trunk=ST_a'], 'sipwhy-ticket'],
  ['an alert of something else wakes nobody here', ['alertname=Other', 'severity=page'], 'sipwhy-ticket'],
] as const;

for (const [name, labels, receiver] of ROUTES) {
  test(name, withAmtool, () => {
    assert.equal(amtool('config', 'routes', 'test', '--config.file', ALERTMANAGER, ...labels).trim(), receiver);
  });
}

test('the inhibitions name alerts that exist', () => {
  const names = readFileSync(TOP + ALERTMANAGER, 'utf8').matchAll(/alertname (=~?) "([^"]+)"/g);
  for (const [, operator, pattern = ''] of names) {
    const matcher = operator === '=~' ? new RegExp(`^(?:${pattern})$`) : { test: (name: string) => name === pattern };
    assert.ok(
      ALERTS.some(({ alert }) => matcher.test(alert)),
      `no alert matches ${pattern}`,
    );
  }
});

const FIRING = {
  status: 'firing',
  labels: { alertname: 'SipwhyIncident', cause: 'trunk_conflict', party: 'livekit_config', trunk: 'ST_a' },
  annotations: {
    summary: '503: two trunks match (trunk-1211), 18 of 18 calls in 2 min',
    description: 'Cause: two trunks match (trunk_conflict). Owner: livekit config. Fix: Delete one.',
    owner: 'livekit config',
    fix: 'Delete one.',
    command: 'sipwhy fix i1 --server http://sipwhy',
    first_call: '2026-01-02 03:03:01 UTC',
    last_call: '2026-01-02 03:04:01 UTC',
    incident: 'http://sipwhy/?view=incidents&incident=i1',
    calls: 'http://sipwhy/?cause=trunk_conflict&trunk=ST_a',
    dashboard: 'http://grafana/d/sipwhy-trunk',
    runbook_url: 'http://sipwhy/runbooks/trunk_conflict',
  },
  startsAt: '2026-01-02T03:04:05Z',
  endsAt: '0001-01-01T00:00:00Z',
};

/** A template of sipwhy.tmpl, rendered for a notification of alerts. */
function rendered(context: TestContext, template: string, status: string, alerts: readonly object[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-page-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const data = join(directory, 'page.json');
  writeFileSync(data, JSON.stringify({ status, alerts }));
  const text = amtool(
    ...['template', 'render', '--template.glob', 'alerts/sipwhy.tmpl'],
    ...['--template.data', data, '--template.text', `{{ template "${template}" . }}`],
  );
  return text.trim();
}

test('the first line of a page is its cause, and of its end too', withAmtool, (context) => {
  const first = FIRING.annotations.summary;
  assert.equal(rendered(context, 'sipwhy.title', 'firing', [FIRING]), first);
  assert.equal(rendered(context, 'sipwhy.title', 'firing', [FIRING, FIRING, FIRING]), `${first} (and 2 more)`);
  assert.equal(rendered(context, 'sipwhy.title', 'resolved', [FIRING]), `Resolved: ${first}`);
});

test('a page links to its incident, or to its calls, or to a dashboard', withAmtool, (context) => {
  const { incident: _, ...without } = FIRING.annotations;
  const { calls: __, ...bare } = without;
  const linkOf = (annotations: object) => rendered(context, 'sipwhy.link', 'firing', [{ ...FIRING, annotations }]);
  assert.equal(linkOf(FIRING.annotations), 'http://sipwhy/?view=incidents&incident=i1');
  assert.equal(linkOf(without), 'http://sipwhy/?cause=trunk_conflict&trunk=ST_a');
  assert.equal(linkOf(bare), 'http://grafana/d/sipwhy-trunk');
});

test(
  'a page says cause, owner, fix, the exact command, times, incident, calls, dashboard and runbook',
  withAmtool,
  (context) => {
    assert.equal(
      rendered(context, 'sipwhy.text', 'firing', [FIRING]),
      [
        'Cause: two trunks match (trunk_conflict). Owner: livekit config. Fix: Delete one.',
        'Exact change: sipwhy fix i1 --server http://sipwhy',
        'Alert since: 2026-01-02 03:04:05 UTC',
        'Incident: http://sipwhy/?view=incidents&incident=i1',
        'Calls: http://sipwhy/?cause=trunk_conflict&trunk=ST_a',
        'Dashboard: http://grafana/d/sipwhy-trunk',
        'Runbook: http://sipwhy/runbooks/trunk_conflict',
      ].join('\n'),
    );
    for (const [template, wanted] of [
      ['sipwhy.owner', 'livekit config'],
      ['sipwhy.fix', 'Delete one.'],
      ['sipwhy.command', 'sipwhy fix i1 --server http://sipwhy'],
      ['sipwhy.first', '2026-01-02 03:03:01 UTC'],
      ['sipwhy.last', '2026-01-02 03:04:01 UTC'],
    ] as const) {
      assert.equal(rendered(context, template, 'firing', [FIRING]), wanted);
    }
  },
);

function testFiles(): string[] {
  return readdirSync(`${TOP}alerts`).filter((name) => name.endsWith('.test.yml'));
}

/** Runs a tool at the top of the repository; its own words are the error when it fails. */
function run(tool: string, args: string[]): string {
  try {
    return execFileSync(tool, args, { cwd: TOP, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${tool} ${args.join(' ')}\n${stdout}${stderr}`);
  }
}
