import assert from 'node:assert/strict';
import { it } from 'node:test';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { type ConnectedCall, fileFromHistory } from '../../../src/core/expected/fromHistory.ts';
import { ANNA, BERT, LINES, snapshotFrom } from './expectedConfiguration.ts';

const SITE = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] });

/** The entries of the file, without its heading. */
function entriesOf(calls: readonly ConnectedCall[]): string {
  const file = fileFromHistory(SITE, snapshotFrom(LINES), calls) ?? '';
  return file.slice(file.indexOf('calls:'));
}
const call = (to: string, trunk: string, from: string | null = ANNA): ConnectedCall => ({ to, trunk, from });

it('of many callers of a kind, five become examples', () => {
  const calls = ['1', '2', '3', '4', '5', '6', '1'].map((from) => call('+4930900', 'ST_split', from));
  assert.equal(
    entriesOf(calls),
    `calls:
  - name: "split line"
    to: "+4930900"
    from:
      - "1"
      - "2"
      - "3"
      - "4"
      - "5"
    expect:
      trunk: ST_split # split line
      rule: SDR_others # others
      room_prefix: "split-"
      agent: "fallback"
`,
  );
});

it('callers that get another rule have an entry of their own', () => {
  const names = entriesOf([call('+4930900', 'ST_split', BERT), call('+4930900', 'ST_split', ANNA)]).match(/name: .*/g);
  assert.deepEqual(names, ['name: "split line"', 'name: "split line (2)"']);
});

it('a call that connected offered the SRTP that its trunk requires', () => {
  assert.match(entriesOf([call('+4930400', 'ST_secure')]), /\n {4}srtp: true\n {4}expect:\n/);
});

it('a call that connected sent the username that its trunk requires', () => {
  assert.match(entriesOf([call('+4930200', 'ST_locked')]), /\n {4}auth: "livekit_client"\n {4}expect:\n/);
});

it('a call whose source nobody knows is a comment that says what to set', () => {
  assert.equal(
    entriesOf([call('+4930300', 'ST_fenced')]),
    `calls: []
  # may not connect now; unknown: which address the call comes from: set source, or JAMBONZ_SBC_ADDRESSES
  # - name: "fenced line"
  #   to: "+4930300"
  #   from:
  #     - "${ANNA}"
  #   expect: connected
`,
  );
});

it('a call that another trunk takes now says through which it connected', () => {
  const entries = entriesOf([call('+4991874350352', 'ST_gone', null)]);
  assert.match(
    entries,
    /^calls:\n {2}# Connected through ST_gone, which no longer takes it.\n {2}- name: ST_gone\n {4}to: "\+4991874350352"\n {4}expect:\n {6}trunk: ST_support # support line\n/,
  );
});

it('calls without a trunk or a number are counted, and left out', () => {
  const calls = [call('+4930900', 'ST_split'), call('+1', 'none'), call('sip:lab.example', 'ST_split')];
  const file = fileFromHistory(SITE, snapshotFrom(LINES), calls) ?? '';
  assert.match(file, /^# Expected calls, from 3 calls that connected/);
  assert.match(file, /^# 2 calls without a trunk of LiveKit, or without a number, are left out\.$/m);
  assert.equal(file.match(/- name:/g)?.length, 1);
  assert.equal(fileFromHistory(SITE, snapshotFrom(LINES), calls.slice(1)), undefined);
});
