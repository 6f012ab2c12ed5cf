import type { Cause, Party } from './cause.ts';
import type { Facts } from './facts.ts';

/** Who must act, in words. */
export const PARTY_WORDS: Record<Party, string> = {
  application: 'the application that dials',
  livekit_config: 'whoever configures LiveKit’s trunks and rules',
  livekit: 'whoever runs LiveKit',
  agent: 'whoever runs the agent',
  media: 'whoever sets up codecs and encryption',
  jambonz: 'whoever runs Jambonz',
  network: 'whoever runs the network between Jambonz and the far end',
  carrier: 'the carrier',
  nobody: 'nobody',
  unknown: 'not known',
};

/** The cause in one sentence, with every other blocking one. */
export function summarise({ target, ending }: Facts, headline: Cause, blocking: readonly Cause[]): string {
  const response = ending.kind === 'response' ? ` (${[ending.status, ending.reason].join(' ').trim()})` : '';
  const others = blocking.slice(1).map((cause) => `; also ${cause.title}`);
  const act = headline.party === 'nobody' ? '' : ` Who must act: ${PARTY_WORDS[headline.party]}.`;
  return `The call${toWhom(target)} failed${response}: ${headline.title}${others.join('')}.${act}`;
}

function toWhom(target: Facts['target']): string {
  switch (target.kind) {
    case 'livekit':
    case 'other':
      return ` to ${target.to}`;
    case 'own':
      return target.to === undefined ? '' : ` to ${target.to}`;
    case 'unknown':
      return '';
  }
}
