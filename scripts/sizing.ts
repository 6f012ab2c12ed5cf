import { setTimeout } from 'node:timers/promises';
import { type DemoEnding, demoCall } from '../src/demo/demoCalls.ts';
import { configurationWith } from '../src/demo/demoPhases.ts';
import { incident } from '../src/demo/firstIncident.ts';
import { startService } from '../test/page/pageProcess.ts';

// Measures what calls take in the store, and the memory of the process, for docs/sizing.md: `npm run -s sizing`.

const CALLS = 500;
/** No more calls begin at once, so that the service is not overloaded. */
const EVERY_MS = 10;
const KINDS: readonly (readonly [what: string, ending: DemoEnding, allowed: readonly string[]])[] = [
  ['connects after one ringing', 'connects', []],
  ['refused: three causes and their fixes', 'wrong dial', ['4991874350352']],
  ['20 s of ringing, and no agent', 'no agent answers', []],
];

async function metricOf(origin: string, metric: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(new RegExp(`^${metric} (\\S+)$`, 'm').exec(text)?.[1]);
}

console.log('| call | webhooks | store, bytes a call | memory of the process |');
console.log('| --- | ---: | ---: | ---: |');
for (const [what, ending, allowed] of KINDS) {
  const service = await startService({
    livekit: configurationWith(allowed),
    env: { LIVEKIT_URL: incident.livekit_url ?? '', JAMBONZ_SBC_ADDRESSES: '54.236.168.131', LOG_LEVEL: 'info' },
  });
  try {
    const before = await metricOf(service.origin, 'sipwhy_store_size_bytes');
    const calls = [];
    for (let n = 0; n < CALLS; n += 1) {
      calls.push(service.post(demoCall(ending, `+4416329600${10 + (n % 40)}`)));
      await setTimeout(EVERY_MS);
    }
    await Promise.all(calls);
    await service.until<{ attempts: number }>('stats', ({ attempts }) => attempts === CALLS);
    // The size is read every ten seconds.
    await setTimeout(11_000);
    const bytes = (await metricOf(service.origin, 'sipwhy_store_size_bytes')) - before;
    const memory = await metricOf(service.origin, 'sipwhy_process_resident_memory_bytes');
    const webhooks = demoCall(ending, '').length;
    console.log(`| ${what} | ${webhooks} | ${Math.round(bytes / CALLS)} | ${Math.round(memory / 1e6)} MB |`);
  } finally {
    await service.stop();
  }
}
