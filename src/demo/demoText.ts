import { causeOf } from '../core/diagnose/causeOf.ts';
import { PARTY_WORDS } from '../core/diagnose/diagnosis.ts';
import type { Explanation } from '../core/explain/explanation.ts';

/** The example in eight lines: each fault, its owner, and its first fix. */
export function demoText({ blocking, latent, fixes }: Explanation): string {
  const lineOf = (id: string) => {
    const { title, party } = causeOf(id) ?? { title: id, party: 'unknown' as const };
    const action = fixes.find(({ cause }) => cause === id)?.action ?? '';
    return `${title} (owner: ${PARTY_WORDS[party]}). ${action}`;
  };
  return [
    'Jambonz said 503, and LiveKit said nothing. People found one fault. There were four:',
    ...blocking.map((id, i) => `${i + 1}. ${lineOf(id)}`),
    ...latent.map((id) => `?  Perhaps ${lineOf(id)}`),
    '',
    'sipwhy demo --full shows the evidence and what to paste. sipwhy demo --serve runs the service with such calls.\n',
  ].join('\n');
}
