import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { auditEachOnce } from '../../../src/service/auditing.ts';

it('a version is audited once, and the next one anew', async () => {
  const auditOnce = auditEachOnce({ sbcAddresses: [], strictAddresses: false });
  const open = new Snapshot({ trunks: [parseTrunk({ sip_trunk_id: 'ST_1' })], rules: [] });
  const audited = await auditOnce(open);
  assert.notEqual(audited.report.findings.length, 0);
  assert.equal(await auditOnce(open), audited);
  assert.equal(audited.json(), audited.json());
  assert.match(Buffer.from(audited.json()).toString(), /"ST_1"/);
  assert.deepEqual((await auditOnce(new Snapshot({ trunks: [], rules: [] }))).report.findings, []);
});
