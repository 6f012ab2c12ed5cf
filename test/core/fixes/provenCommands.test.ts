import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { audit } from '../../../src/core/audit/audit.ts';
import { applyChanges } from '../../../src/core/fixes/apply.ts';
import type { Fix } from '../../../src/core/fixes/fix.ts';
import { parseCase, type RecordedCase, replay } from '../../../src/core/replay/replay.ts';
import { mediaOf } from '../../../src/core/trunks/media.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { recordedCases } from '../recordedCases.ts';
import { afterCommands, type Configuration } from './appliedRequests.ts';
import { runEach } from './runCommands.ts';

/** A command that is offered, and the configuration that it is offered for. */
interface Offered {
  readonly what: string;
  readonly before: Configuration;
  readonly change: NonNullable<Fix['change']>;
  readonly text: string;
}

function fieldCases(): RecordedCase[] {
  const folder = new URL('../../field/cases/', import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').trim().split('\n'))
    .map((line) => parseCase(JSON.parse(line)));
}

/** Each command once for each configuration: those of the call's fixes, and those of the audit. */
function offered(cases: readonly RecordedCase[]): Offered[] {
  const commands = new Map<string, Offered>();
  for (const one of cases) {
    if (!one.livekit) continue;
    const before = configurationOf(one.livekit);
    const report = audit(read(before), { sbcAddresses: [], strictAddresses: false });
    const fixes: readonly Fix[] = [
      ...replay(one).calls.flatMap((call) => call.fixes),
      ...report.findings.flatMap((finding) => finding.fixes),
    ];
    for (const { action, change, pastes } of fixes) {
      if (!change || change.kind === 'dial') continue;
      for (const { tool, text } of pastes) {
        const key = JSON.stringify([before, text]);
        commands.set(key, { what: `${one.id}, ${tool}: ${action}`, before, change, text });
      }
    }
  }
  return [...commands.values()];
}

function configurationOf({ inbound_trunks, dispatch_rules }: Record<string, unknown>): Configuration {
  assert.ok(Array.isArray(inbound_trunks) && Array.isArray(dispatch_rules));
  return { inbound_trunks, dispatch_rules };
}

function read(json: unknown): Snapshot {
  const reading = readSnapshot(json);
  return reading.ok ? reading.snapshot : assert.fail(reading.faults.join());
}

/** What decides calls. A new trunk and rule have an id only at LiveKit. */
function deciding({ trunks, rules }: Snapshot): object {
  const id = (text: string) => (/^<new|_made$/.test(text) ? 'new' : text);
  return {
    trunks: trunks.map((trunk) => ({
      id: id(trunk.sip_trunk_id),
      numbers: trunk.numbers,
      allowed_addresses: trunk.allowed_addresses,
      allowed_numbers: trunk.allowed_numbers,
      auth: [trunk.auth_username, trunk.has_password],
      ...mediaThatDecides(trunk),
    })),
    rules: rules.map((rule) => ({
      id: id(rule.sip_dispatch_rule_id),
      kind: rule.kind,
      room: rule.room,
      pin: rule.pin,
      trunk_ids: rule.trunk_ids.map(id),
      inbound_numbers: rule.inbound_numbers,
      numbers: rule.numbers,
      ...mediaThatDecides(rule),
    })),
  };
}

/** Listed codecs are added to LiveKit's own unless only they count. */
function mediaThatDecides(owner: InboundTrunk | DispatchRule) {
  const { encryption, olderEncryption, onlyListedCodecs, codecs, timeoutSeconds } = mediaOf(owner);
  const own = onlyListedCodecs ? [] : ['PCMU', 'PCMA', 'G722'];
  return {
    media: [encryption ?? 'SIP_MEDIA_ENCRYPT_DISABLE', olderEncryption ?? 'SIP_MEDIA_ENCRYPT_DISABLE', timeoutSeconds],
    codecs: [...new Set([...own, ...codecs.map(({ name }) => name)])].sort(),
  };
}

describe('a command does what the proof tried', () => {
  for (const [where, cases, atLeast] of [
    ['recorded calls', recordedCases().map(({ call }) => call), 100],
    ['calls from the field', fieldCases(), 5],
  ] as const) {
    it(`on ${where}`, () => {
      const commands = offered(cases);
      assert.ok(commands.length >= atLeast, `only ${commands.length} commands`);
      const ran = runEach(commands.map(({ text }) => text));
      commands.forEach(({ what, before, change }, i) => {
        const after = afterCommands(before, ran[i] ?? []);
        assert.notDeepEqual(deciding(read(after)), deciding(read(before)), `${what} changes something`);
        assert.deepEqual(deciding(read(after)), deciding(applyChanges(read(before), [change])), what);
      });
    });
  }
});
