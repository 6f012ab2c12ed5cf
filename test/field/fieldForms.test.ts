import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readConfiguration } from '../../src/core/trunks/configurationFile.ts';

describe('the case from the field: lk’s JSON as the configuration file', () => {
  const read = (name: string) =>
    readConfiguration(JSON.parse(readFileSync(new URL(`cases/22-${name}.json`, import.meta.url), 'utf8')));

  it('is read with its restrictions', () => {
    const reading = read('config');
    assert.ok(reading.ok);
    const [trunk] = reading.snapshot.trunks;
    assert.deepEqual(
      [trunk?.allowed_addresses, trunk?.auth_username, trunk?.has_password],
      [['203.0.113.10'], 'desk', true],
    );
    assert.deepEqual(reading.snapshot.rules[0]?.trunk_ids, ['ST_field1']);
  });
  it('is read where it is made of files for lk sip create', () => {
    const reading = read('create-files');
    assert.ok(reading.ok);
    assert.deepEqual([reading.snapshot.trunks[0]?.name, reading.snapshot.rules[0]?.room], ['desk', 'call-']);
  });
  it('is read with its restrictions where half of it has the API’s names', () => {
    const reading = read('half-camel');
    assert.ok(reading.ok);
    const [trunk] = reading.snapshot.trunks;
    assert.deepEqual(
      [trunk?.allowed_addresses, trunk?.auth_username, trunk?.has_password],
      [['203.0.113.10'], 'desk', true],
    );
    const [rule] = reading.snapshot.rules;
    assert.deepEqual([rule?.trunk_ids, rule?.inbound_numbers], [['ST_other'], ['+12025550123']]);
  });
});
