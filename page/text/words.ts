import type { Party } from '../api/types.ts';

/** Who must act, in a word or two, and in a sentence. */
export const PARTIES: Record<Party, { readonly short: string; readonly act: string }> = {
  application: { short: 'Application', act: 'The application that dials must act' },
  livekit_config: { short: 'LiveKit configuration', act: 'Whoever configures LiveKit’s trunks and rules must act' },
  livekit: { short: 'LiveKit', act: 'Whoever runs LiveKit must act' },
  agent: { short: 'Agent', act: 'Whoever runs the agent must act' },
  media: { short: 'Media', act: 'Whoever sets up codecs and encryption must act' },
  jambonz: { short: 'Jambonz', act: 'Whoever runs Jambonz must act' },
  network: { short: 'Network', act: 'Whoever runs the network between Jambonz and the far end must act' },
  carrier: { short: 'Carrier', act: 'The carrier must act' },
  nobody: { short: 'Nobody', act: 'Nobody must act' },
  unknown: { short: 'Not known', act: 'Who must act is not known' },
};

export const CONFIDENCE_LEVELS = ['certain', 'likely', 'possible'] as const;

export const CONFIDENCES: Readonly<Record<string, string>> = {
  certain: 'The evidence leaves no other cause.',
  likely: 'The evidence speaks for it, and does not exclude every other cause.',
  possible: 'The evidence allows it, and others as well.',
};

export const SOURCES: Readonly<Record<string, string>> = {
  jambonz: 'Jambonz’s webhooks',
  livekit: 'LiveKit’s webhooks',
  match: 'LiveKit’s configuration',
  settings: 'sipwhy’s settings',
  neighbours: 'other calls at the same time',
};

/** How the LiveKit is run that a call was for. */
export const DEPLOYMENTS: Readonly<Record<string, string>> = {
  cloud: 'It was for LiveKit Cloud',
  self_hosted: 'It was for a self-hosted LiveKit',
  unknown: 'Whether it was for LiveKit Cloud or a self-hosted LiveKit is not known',
};

export const PARTICIPANTS: Readonly<Record<string, string>> = {
  carrier: 'Carrier',
  jambonz: 'Jambonz',
  livekit: 'LiveKit',
  agent: 'Agent',
};

export const OUTCOMES: Readonly<Record<string, string>> = {
  failed: 'Failed',
  connected: 'Connected',
  not_counted: 'Not counted: nobody’s fault',
};

/** Text with a capital at its beginning, as for a heading; a name of LiveKit's stays as LiveKit writes it. */
export function sentence(text: string): string {
  if (/^\w*_/.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `1 call`, `2 calls`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
}

/** The part of a SIP URI or number that a person reads first; the whole text where it is no SIP URI. */
export function dialled(to: string | null | undefined): { readonly user: string; readonly host: string | undefined } {
  if (!to) return { user: 'not known', host: undefined };
  const [, user = '', host = ''] = /^sips?:([^@]+)@([^;?>]+)/i.exec(to) ?? [];
  return user === '' ? { user: to, host: undefined } : { user, host };
}
