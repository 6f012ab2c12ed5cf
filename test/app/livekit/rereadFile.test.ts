import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Directory } from '../../../src/livekit/directory.ts';
import { fileSource } from '../../../src/livekit/source.ts';

const JSON_TEXT = JSON.stringify({
  inbound_trunks: [
    { sip_trunk_id: 'ST_1', numbers: ['+15550100'] },
    { sip_trunk_id: 'ST_2', numbers: ['+15550101'] },
  ],
  dispatch_rules: [],
});

const YAML_TEXT = `
dispatch_rules: []
inbound_trunks:
  - sip_trunk_id: ST_1
    numbers: ["+15550100"]
  - sip_trunk_id: ST_2
    numbers: ["+15550101"]
`;

describe('a file of LiveKit’s configuration', () => {
  let folder: string;
  let file: string;
  let failures: string[];
  let directory: Directory;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sipwhy-configuration-'));
    file = join(folder, 'livekit');
    failures = [];
    writeFileSync(file, JSON_TEXT);
    directory = new Directory({
      source: fileSource(file),
      refreshSeconds: 60,
      now: () => 1_000_000,
      events: {
        onRefresh: (error) => void failures.push(...(error ? [error.message] : [])),
        onChange() {},
        onHistoryError: (error) => void failures.push(error.message),
      },
    });
    await directory.refresh();
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const trunks = () => directory.current?.trunks.map(({ sip_trunk_id }) => sip_trunk_id);

  for (const [what, text, fault] of [
    ['is empty', '', /livekit: /],
    ['ends in the middle of JSON', JSON_TEXT.slice(0, 60), /livekit:1: /],
    ['has new JSON over the beginning of the old', `{"inbound_trunks": []}${JSON_TEXT.slice(22)}`, /livekit:1: /],
    ['ends in the middle of YAML', YAML_TEXT.slice(0, YAML_TEXT.indexOf('+15550101')), /livekit:\d+: /],
    ['lacks the dispatch rules', '{"inbound_trunks": []}', /dispatch_rules/],
  ] as const) {
    it(`that ${what} leaves the configuration as it was, and is reported`, async () => {
      writeFileSync(file, text);
      await directory.refresh();
      assert.deepEqual(trunks(), ['ST_1', 'ST_2']);
      assert.equal(failures.length, 1);
      assert.match(failures[0] ?? '', fault);
      writeFileSync(file, JSON_TEXT.replaceAll('ST_2', 'ST_3'));
      await directory.refresh();
      assert.deepEqual(trunks(), ['ST_1', 'ST_3']);
    });
  }

  // Nothing shows that there was to be more: docs/matching.md says how to write the file.
  it('that ends between two items of YAML is read as it is', async () => {
    writeFileSync(file, YAML_TEXT.slice(0, YAML_TEXT.indexOf('  - sip_trunk_id: ST_2')));
    await directory.refresh();
    assert.deepEqual([trunks(), failures], [['ST_1'], []]);
  });

  it('that is renamed onto the old one is read whole', async () => {
    writeFileSync(`${file}.new`, JSON_TEXT.replaceAll('ST_2', 'ST_3'));
    renameSync(`${file}.new`, file);
    await directory.refresh();
    assert.deepEqual([trunks(), failures], [['ST_1', 'ST_3'], []]);
  });
});
