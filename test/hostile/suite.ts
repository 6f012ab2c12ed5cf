import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { hasEnded } from '../durable/serviceProcess.ts';
import { limitHere } from '../machineSpeed.ts';
import type { Attack, Ground } from './attack.ts';
import { startTarget, type Target } from './attackedService.ts';
import { BUSY_MS, TRIES } from './withoutBlocking.ts';

/** Runs the attacks of an area one after the other, and prints how many were survived and the longest block. */
export function survive(area: string, attacks: readonly Attack[]): void {
  describe(area, () => {
    const shared = new Map<string, Promise<Target>>();
    const directories: string[] = [];
    const directory = () => {
      const made = mkdtempSync(join(tmpdir(), 'sipwhy-hostile-'));
      directories.push(made);
      return made;
    };
    let survived = 0;
    let longest = { ms: 0, what: 'none' };

    /** Tries an attack, and resolves to how long it held the event loop of a service. */
    const tryOnce = async (attack: Attack, isFirst: boolean): Promise<number> => {
      const own: Target[] = [];
      const used = new Set<Target>();
      const ground: Ground = {
        directory,
        async service(env = {}) {
          // A shared service may show what the first try left behind.
          if (!isFirst) return ground.ownService(env);
          const key = JSON.stringify(env);
          const starting = shared.get(key) ?? startTarget(directory(), env);
          shared.set(key, starting);
          const target = await starting;
          if (!used.has(target)) await target.prober.take();
          used.add(target);
          return target;
        },
        async ownService(env = {}) {
          const target = await startTarget(directory(), env);
          own.push(target);
          used.add(target);
          return target;
        },
      };
      let heldMs = 0;
      try {
        await attack.run(ground);
        for (const target of used) {
          const { busyMs } = await target.prober.take();
          heldMs = Math.max(heldMs, busyMs);
          if (own.includes(target)) continue;
          assert.ok(!hasEnded(target.child), `the service ended: ${target.log().slice(-2000)}`);
          assert.equal((await target.send('/healthz')).status, 200);
        }
      } finally {
        await Promise.all(own.map(endTarget));
      }
      return heldMs;
    };

    for (const attack of attacks) {
      test(attack.what, async () => {
        let heldMs = await tryOnce(attack, true);
        let limitMs = await limitHere(BUSY_MS, heldMs);
        for (let tries = 1; tries < TRIES && heldMs > limitMs; tries += 1) {
          heldMs = await tryOnce(attack, false);
          limitMs = await limitHere(BUSY_MS, heldMs);
        }
        assert.ok(heldMs <= limitMs, `the event loop was held for ${heldMs} ms, more than ${limitMs} ms`);
        if (heldMs > longest.ms) longest = { ms: heldMs, what: attack.what };
        survived += 1;
      });
    }

    after(async () => {
      await Promise.all((await Promise.all(shared.values())).map(endTarget));
      for (const path of directories) rmSync(path, { recursive: true, force: true });
      console.log(
        `hostile ${area}: ${survived} of ${attacks.length} attacks survived; ` +
          `longest block of the event loop ${longest.ms} ms (${longest.what})`,
      );
    });
  });
}

async function endTarget(target: Target): Promise<void> {
  await target.prober.end();
  await target.end('SIGKILL');
}
