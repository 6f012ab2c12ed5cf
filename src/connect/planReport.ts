import type { Gathered, LiveKitTest } from './gather.ts';
import { hookText } from './jambonz/statusHook.ts';
import { maskSecret, maskUrl, quote } from './masked.ts';
import type { Plan } from './plan.ts';

/** What was found and what would change, for a person. Secrets are masked. */
export function planText(gathered: Gathered, plan: Plan, envFile: string | undefined): string {
  const { account, application, sbcs, webhookSecret, livekit } = gathered;
  const lines = [
    `Jambonz: application "${quote(application.name, [])}" (${application.application_sid})`,
    `  account: "${quote(account.name, [])}" (${account.account_sid})`,
    `  webhook secret: ${webhookSecret === undefined ? 'none' : maskSecret(webhookSecret)}`,
    `  SBCs: ${sbcs.map(({ address, lastUpdated }) => address + seenText(lastUpdated)).join(', ') || 'none listed'}`,
    ...hookLines(gathered, plan),
    '',
    ...liveKitLines(livekit),
    '',
    ...settingLines(plan, envFile),
    ...(plan.warnings.length > 0 ? ['', 'Note:', ...plan.warnings.map((warning) => `  - ${warning}`)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function seenText(lastUpdated: string | undefined): string {
  return lastUpdated === undefined ? '' : ` (last seen ${quote(lastUpdated, [])})`;
}

function hookLines({ application }: Gathered, { hook, former, urls }: Plan): string[] {
  const now = hookText(application.call_status_hook);
  if (!urls) return [`  call_status_hook: ${now}`, '  Give --sipwhy-url to set it to sipwhy’s.'];
  if (!hook) return [`  call_status_hook: ${now}, already sipwhy’s`];
  const lines = [`- call_status_hook: ${now}`, `+ call_status_hook: ${hookText(hook)}`];
  if (former?.kind === 'forwarded')
    lines.push(
      `  Its owner keeps the statuses: sipwhy forwards them, with CALL_STATUS_FORWARD_URL=${maskUrl(former.url)}.`,
    );
  return lines;
}

const MOST_TRUNKS = 50;
const MOST_NUMBERS = 10;

function liveKitLines(livekit: LiveKitTest): string[] {
  if (livekit.state === 'unset')
    return ['LiveKit: not tested; set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.'];
  if (livekit.state === 'failed') return [`LiveKit: ${livekit.fault}`];
  const { trunks, rules } = livekit;
  const lines = trunks.slice(0, MOST_TRUNKS).map(({ id, name, numbers }) => {
    const shown = numbers.slice(0, MOST_NUMBERS).join(', ');
    const left = numbers.length - MOST_NUMBERS;
    return `  ${quote(id, [])} "${quote(name, [])}": ${shown || 'any number'}${left > 0 ? ` and ${left} more` : ''}`;
  });
  const left = trunks.length - lines.length;
  return [
    `LiveKit: the key is accepted. Inbound trunks: ${trunks.length}, dispatch rules: ${rules}.`,
    ...lines,
    ...(left > 0 ? [`  and ${left} more trunks`] : []),
  ];
}

function settingLines({ settings }: Plan, envFile: string | undefined): string[] {
  if (envFile === undefined)
    return [
      'Settings of sipwhy (secrets are masked; --write-env FILE writes them whole):',
      ...settings.map(({ text }) => text),
    ];
  const changed = settings.filter(({ change }) => change !== 'same');
  if (changed.length === 0) return [`Settings: ${envFile} has them already.`];
  const signs = { added: '+', changed: '~', same: ' ' } as const;
  return [`Changes of ${envFile}:`, ...changed.map(({ change, text }) => `${signs[change]} ${text}`)];
}

/** The same as JSON. Secrets are masked. */
export function planJson(gathered: Gathered, plan: Plan, envFile: string | undefined) {
  const { account, application, sbcs, webhookSecret, livekit } = gathered;
  return {
    application: { sid: application.application_sid, name: application.name },
    account: { sid: account.account_sid, name: account.name },
    webhook_secret: webhookSecret === undefined ? null : maskSecret(webhookSecret),
    sbcs: sbcs.map(({ address, lastUpdated }) => ({ address, last_updated: lastUpdated ?? null })),
    call_status_hook: {
      before: hookText(application.call_status_hook),
      wanted: plan.urls?.callStatus ?? null,
      forwarded_to: plan.former?.kind === 'forwarded' ? maskUrl(plan.former.url) : null,
    },
    livekit: {
      state: livekit.state,
      fault: livekit.state === 'failed' ? livekit.fault : null,
      trunks: livekit.state === 'accepted' ? livekit.trunks : [],
      dispatch_rules: livekit.state === 'accepted' ? livekit.rules : null,
    },
    settings: plan.settings.map(({ name, change, text }) => ({ name, change, text })),
    env_file: envFile ?? null,
    warnings: plan.warnings,
  };
}
