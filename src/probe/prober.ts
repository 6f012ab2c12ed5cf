import { toJson } from './json.ts';
import { probeTarget } from './probe.ts';
import { type ProbeTarget, parseTarget } from './target.ts';
import { toText } from './text.ts';

/** What the command line needs of the probe; `configured` gives the targets that the environment names. */
export function proberOf(configured: () => readonly ProbeTarget[]) {
  return {
    configured,
    parse: parseTarget,
    async probe(target: ProbeTarget, timeoutSeconds: number) {
      const result = await probeTarget(target, { timeoutSeconds });
      return { healthy: result.healthy, json: toJson(result), text: toText(result) };
    },
  };
}
