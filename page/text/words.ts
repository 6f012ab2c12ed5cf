import type { Party } from '../api/types.ts';

/** The owner of a problem: a short name for chips and filters, and a line that names the owner. */
export const PARTIES: Record<Party, { readonly short: string; readonly owner: string }> = {
  application: { short: 'Application', owner: 'Owner: application' },
  livekit_config: { short: 'LiveKit config', owner: 'Owner: LiveKit config' },
  livekit: { short: 'LiveKit', owner: 'Owner: LiveKit' },
  agent: { short: 'Agent', owner: 'Owner: agent' },
  media: { short: 'Media settings', owner: 'Owner: media settings' },
  jambonz: { short: 'Jambonz', owner: 'Owner: Jambonz' },
  network: { short: 'Network', owner: 'Owner: network' },
  carrier: { short: 'Carrier', owner: 'Owner: carrier' },
  nobody: { short: 'Nobody', owner: 'No action needed' },
  unknown: { short: 'Unknown', owner: 'Owner: unknown' },
};

export const CONFIDENCE_LEVELS = ['certain', 'likely', 'possible'] as const;

export const CONFIDENCES: Readonly<Record<string, string>> = {
  certain: 'The evidence rules out every other cause.',
  likely: 'The evidence supports it, but doesn’t rule out every other cause.',
  possible: 'The evidence fits it, but other causes as well.',
};

export const SOURCES: Readonly<Record<string, string>> = {
  jambonz: 'Jambonz’s webhooks',
  livekit: 'LiveKit’s webhooks',
  agent: 'the agent’s report',
  match: 'LiveKit’s configuration',
  settings: 'sipwhy’s settings',
  neighbours: 'other calls at the same time',
};

/** Whether nobody has to act on a call: it has no cause, or one that is nobody's fault. */
export function isNobodys(party: string | null): boolean {
  return party === null || party === 'nobody';
}

/** Whether the dialled LiveKit is Cloud or self-hosted. */
export const DEPLOYMENTS: Readonly<Record<string, string>> = {
  cloud: 'LiveKit Cloud',
  self_hosted: 'Self-hosted LiveKit',
  unknown: 'LiveKit Cloud or self-hosted is unknown',
};

export const PARTICIPANTS: Readonly<Record<string, string>> = {
  carrier: 'Carrier',
  jambonz: 'Jambonz',
  livekit: 'LiveKit',
  agent: 'Agent',
};

/** Who ended an answered call. */
export const ENDED_BY: Readonly<Record<string, string>> = {
  caller: 'the caller hung up',
  far_end: 'ended from the far end’s side',
  jambonz: 'ended by Jambonz or the application',
  unknown: 'by whom is unknown',
};

export const OUTCOMES: Readonly<Record<string, string>> = {
  failed: 'Failed',
  dropped: 'Dropped after the answer',
  connected: 'Connected',
  not_counted: 'Not counted: nobody’s fault',
};

/** Text with an initial capital, as for a heading. A field name of LiveKit's keeps its lower case. */
export function sentence(text: string): string {
  if (/^\w*_/.test(text)) return text;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `1 call`, `2 calls`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
}

/** User part and host of a SIP URI; the whole text as the user part if it is no SIP URI. */
export function dialled(to: string | null | undefined): { readonly user: string; readonly host: string | undefined } {
  if (!to) return { user: 'unknown', host: undefined };
  const [, user = '', host = ''] = /^sips?:([^@]+)@([^;?>]+)/i.exec(to) ?? [];
  return user === '' ? { user: to, host: undefined } : { user, host };
}

/** How many entries of a list are written out; further ones are counted. */
const ENTRIES_SHOWN = 6;

/** A list of the configuration, as in `[a, b, and 3 more]`. `leftOut` entries are not in `listed`. */
export function entriesOf(listed: readonly string[], leftOut: number): string {
  const left = listed.length + leftOut - ENTRIES_SHOWN;
  return `[${listed.slice(0, ENTRIES_SHOWN).join(', ')}${left > 0 ? `, and ${left} more` : ''}]`;
}
