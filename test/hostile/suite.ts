import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { hasEnded } from '../durable/serviceProcess.ts';
import type { Attack, Ground } from './attack.ts';
import { startTarget, type Target } from './attackedService.ts';

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

    for (const attack of attacks) {
      test(attack.what, async () => {
        const own: Target[] = [];
        const used = new Set<Target>();
        const ground: Ground = {
          directory,
          async service(env = {}) {
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
        try {
          await attack.run(ground);
          for (const target of used) {
            const { busyMs } = await target.prober.take();
            if (busyMs > longest.ms) longest = { ms: busyMs, what: attack.what };
            if (own.includes(target)) continue;
            assert.ok(!hasEnded(target.child), `the service ended: ${target.log().slice(-2000)}`);
            assert.equal((await target.send('/healthz')).status, 200);
          }
          survived += 1;
        } finally {
          for (const target of own) await endTarget(target);
        }
      });
    }

    after(async () => {
      for (const target of await Promise.all(shared.values())) await endTarget(target);
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
