import { median } from '../load/loadReport.ts';
import { type Kind, startServer } from '../load/loadServers.ts';
import type { Figure } from './figure.ts';

const SCRAPES = 20;

/** How long /metrics takes with 10, 100 and 1,000 trunks. */
export async function measureScrapes(service: Kind, sizes: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const trunks of sizes) {
    const server = await startServer(service, 'whsec_bench', configurationOf(trunks));
    try {
      const times: number[] = [];
      let bytes = 0;
      for (let i = 0; i < SCRAPES; i += 1) {
        const began = performance.now();
        const text = await (await fetch(`${server.url}/metrics`)).text();
        times.push(performance.now() - began);
        bytes = text.length;
      }
      const name = `${trunks.toLocaleString('en')} trunks`;
      figures.push({ part: 'scrape', name, value: median(times), unit: 'ms', atMost: 150 });
      figures.push({ part: 'scrape', name, value: bytes / 1024, unit: 'KB' });
    } finally {
      await server.stop();
    }
  }
  return figures;
}

/** Trunks that each have their own number, and a rule for all of them. */
function configurationOf(trunks: number) {
  return {
    inbound_trunks: Array.from({ length: trunks }, (_, i) => ({
      sip_trunk_id: `ST_bench${String(i).padStart(7, '0')}`,
      name: `trunk ${i}`,
      numbers: [`+49${1_000_000_000 + i}`],
    })),
    dispatch_rules: [
      { sip_dispatch_rule_id: 'SDR_bench0000001', rule: { dispatch_rule_individual: { room_prefix: 'call-' } } },
    ],
  };
}
