import type { HookUrls } from './jambonz/statusHook.ts';

/** What a person has to set, because no API of Jambonz or LiveKit that this command may use does it. */
export function stepsByHand(facts: {
  readonly urls: HookUrls | undefined;
  readonly sipHost: string | undefined;
  readonly envFile: string | undefined;
  readonly hasWebhookSecret: boolean;
  readonly isWebSocketApplication: boolean;
}): string[] {
  const { urls, sipHost, envFile, hasWebhookSecret, isWebSocketApplication } = facts;
  const steps: string[] = [];
  if (!hasWebhookSecret)
    steps.push(
      'Jambonz: make a webhook secret for the account in the portal. It has none, so its webhooks are not signed.',
    );
  steps.push(
    envFile === undefined
      ? 'sipwhy: set the settings above (--write-env FILE writes them whole), and start it again.'
      : `sipwhy: start it with the settings in ${envFile}, again if it runs.`,
  );
  if (urls) {
    steps.push(
      `Application: give each dial verb "actionHook": "${urls.dialAction}". If it has one already, set DIAL_ACTION_FORWARD_URL to that first.`,
      'Application: add "tag": {"sipwhy": {"auth_username": "<user of the trunk>"}} to the dial verb, or false for no credentials.',
      `LiveKit: add ${urls.livekit} to the webhooks, signed with LIVEKIT_API_KEY: in the project’s settings in LiveKit Cloud, or under webhook.urls in livekit-server’s configuration.`,
    );
  }
  if (sipHost === undefined)
    steps.push(
      'LIVEKIT_SIP_HOST: set it to the host in LiveKit’s SIP URI: <project id without p_>.sip.livekit.cloud in LiveKit Cloud, or the host of livekit-sip. No API tells it.',
    );
  if (isWebSocketApplication) steps.push(WEB_SOCKET_STEP);
  return steps;
}

const WEB_SOCKET_STEP =
  'Application: its call_hook is a WebSocket, so Jambonz sends the statuses of inbound calls over that socket and ignores call_status_hook. sipwhy then learns of them only by the dial verb’s actionHook, which must be an absolute http(s) URL.';
