import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../src/core/check/check.ts';
import { CAUSES } from '../../src/core/diagnose/causes.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import type { Snapshot } from '../../src/core/trunks/snapshot.ts';
import { RECORDED, type RecordedCase } from '../app/service.ts';
import { FixingRun } from './fixingRun.ts';

const OF_LIVEKIT: ReadonlySet<string> = new Set(
  CAUSES.filter(({ party }) => party === 'livekit_config').map(({ id }) => id),
);

/** How each recorded call with a cause in LiveKit's configuration is fixed. */
const WANTED = {
  /** `sipwhy fix` applies the fix that it prefers. */
  'applied, byte-equal after undo': 92,
  /** It prefers what only a person can complete or the application dials, and applies another that is chosen. */
  'chosen, byte-equal after undo': 30,
  /** LiveKit has no ids to give twice. */
  'chosen, deleted and made again with another id': 7,
};

const ID = /(ST|SDR)_\w+/g;

/** Judged by what was really sent, and not by what sipwhy knew of the call. */
function blockingIn(snapshot: Snapshot, { invite }: RecordedCase): readonly string[] {
  const site = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] });
  const { to_user: to, from_user: caller, source_ip: source, credentials } = Object(invite);
  const trunk = snapshot.trunks.find(({ auth_username }) => auth_username !== '');
  const sent = { sent: true, username: trunk?.auth_username ?? '' } as const;
  return check(site, snapshot, { to, caller, source, auth: credentials === 'sent' ? sent : undefined }).blocking;
}

describe('a recorded call that LiveKit’s configuration refused', () => {
  const found: Record<string, number> = {};
  const failed = RECORDED.filter(({ expected }) => expected.blocking.some((cause) => OF_LIVEKIT.has(cause)));

  for (const call of failed) {
    it(`connects after the fix, and the undo takes it back: ${call.id}`, async () => {
      const run = await FixingRun.of(call.livekit, call);
      try {
        const before = run.served();
        const secrets = secretsIn(call.livekit);
        assert.ok(blockingIn(run.snapshot(), call).some((cause) => OF_LIVEKIT.has(cause)));
        let how = 'applied';
        let ran = await run.fix({ yes: true });
        if (run.writes.length === 0) {
          assert.equal(ran.status, 1, 'nothing to apply');
          how = 'chosen';
          ran = await run.fix({ yes: true, choose: 1 });
        }
        assert.equal(ran.status, 0, ran.text);
        assert.match(ran.text, /\nThe call would connect now\.\n|\nNothing that is known stops the call now\./);
        assert.notEqual(run.served(), before);
        assert.deepEqual(
          blockingIn(run.snapshot(), call).filter((cause) => OF_LIVEKIT.has(cause)),
          [],
        );
        const undone = await run.undo();
        assert.equal(undone.status, 0, undone.text);
        for (const secret of secrets) assert.ok(!(ran.text + undone.text).includes(secret), 'no secret is printed');
        if (/^- name: .*$/m.test(ran.text)) {
          assert.match(undone.text, /has a new id: ST_made\d+\. Change it where other programs name it\./);
          assert.equal(unordered(run.served()), unordered(before));
          found[`${how}, deleted and made again with another id`] =
            (found[`${how}, deleted and made again with another id`] ?? 0) + 1;
        } else {
          assert.equal(run.served(), before);
          found[`${how}, byte-equal after undo`] = (found[`${how}, byte-equal after undo`] ?? 0) + 1;
        }
      } finally {
        await run.end();
      }
    });
  }

  it('is one of 129, every one of which has a fix that can be applied', () => {
    assert.equal(failed.length, 129);
    assert.deepEqual(found, WANTED);
  });
});

/** Without ids, whose order decides that of the list. */
function unordered(json: string): string {
  return JSON.stringify(
    JSON.parse(json.replaceAll(ID, '$1_x'))
      .map((one: object) => JSON.stringify(one))
      .sort(),
  );
}

function secretsIn({ inbound_trunks }: RecordedCase['livekit']): string[] {
  const passwords = inbound_trunks.map((trunk) => Reflect.get(trunk, 'auth_password'));
  // Shorter ones are in many words.
  return passwords.filter((text): text is string => typeof text === 'string' && text.length > 3);
}
