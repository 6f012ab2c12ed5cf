import type { FirstWebhook } from './firstWebhook.ts';

/** What Jambonz knows about the time since the hook was set. `undefined` where it could not be asked. */
export interface SeenByJambonz {
  /** The hook that the application has now. */
  readonly hookUrl: string | undefined;
  /** The messages of alerts about the hook's URL, without repetitions. */
  readonly alerts: readonly string[] | undefined;
  /** Calls of the account that ended. */
  readonly endedCalls: number | undefined;
  /** Calls of the application that go on. */
  readonly openCalls: number | undefined;
}

interface Case {
  readonly first: FirstWebhook;
  readonly wantedUrl: string;
  readonly serviceUrl: string;
  readonly accountSid: string;
  readonly applicationSid: string;
  readonly seen: SeenByJambonz | undefined;
  /** Why sipwhy does not answer at the hook's address even from this machine; `undefined` if it does. */
  readonly healthFault: string | undefined;
}

/** Why no verified webhook came, in full sentences; empty if one came. */
export function whyNothing(facts: Case): string[] {
  const { first, serviceUrl, accountSid } = facts;
  switch (first.result) {
    case 'verified':
      return [];
    case 'unverified':
      return [
        'A webhook arrived, but the running sipwhy checks no signature, because JAMBONZ_WEBHOOK_SECRET is not set there. Start it again with the settings above.',
      ];
    case 'refused':
      return [refusal(first.reason, accountSid)];
    case 'unauthorised':
      return [
        `sipwhy at ${serviceUrl} refuses to tell its state (401 or 403): set API_TOKEN to that of the running service. Whether webhooks arrive is unknown.`,
      ];
    case 'unreachable':
      return [
        `sipwhy’s API at ${serviceUrl} can’t be asked: ${first.fault}. Start sipwhy with the settings above, or give --server. Whether webhooks arrive is unknown.`,
      ];
    case 'none':
      return nothing(facts);
  }
}

function refusal(reason: string, accountSid: string): string {
  switch (reason) {
    case 'bad_signature':
      return `A webhook arrived, but its signature was refused (bad_signature). The running sipwhy has a JAMBONZ_WEBHOOK_SECRET without the secret of the account ${accountSid}, or a proxy changes the body. Start sipwhy again with the settings above.`;
    case 'missing_signature':
      return 'A webhook arrived without a signature (missing_signature). A proxy removes the header Jambonz-Signature, the sender was not Jambonz, or the account has no webhook secret.';
    case 'malformed_signature':
      return 'A webhook arrived with a signature that is none (malformed_signature). A proxy changes the header Jambonz-Signature, or the sender was not Jambonz.';
    case 'stale_signature':
      return 'A webhook arrived with a right but old signature (stale_signature). The clocks of Jambonz and of this service differ, or the webhook was delayed, by more than JAMBONZ_SIGNATURE_TOLERANCE_SECONDS.';
    case 'missing_credentials':
      return 'A webhook arrived without credentials (missing_credentials). The hook’s method is GET, or it is a WebSocket, and neither is signed; or sipwhy has only JAMBONZ_BASIC_AUTH. Set the hook to POST, and JAMBONZ_WEBHOOK_SECRET.';
    case 'bad_credentials':
      return 'A webhook arrived with wrong credentials (bad_credentials): the hook’s user and password differ from JAMBONZ_BASIC_AUTH. With JAMBONZ_WEBHOOK_SECRET set, a POST needs none.';
    case 'no_secret':
      return 'A webhook arrived through a proxy, and the running sipwhy has no JAMBONZ_WEBHOOK_SECRET to verify it (no_secret). Start it again with the settings above.';
    case 'store_failed':
    case 'store_busy':
      return `A webhook arrived, but sipwhy could not write it to its journal (${reason}). See its log: the disk may be full.`;
    case 'loop':
      return 'A webhook arrived that sipwhy itself had sent (loop): CALL_STATUS_FORWARD_URL leads back to sipwhy.';
    default:
      return `A webhook arrived, but sipwhy could not use it (${reason}): the sender may not be Jambonz.`;
  }
}

function nothing({ seen, wantedUrl, healthFault, applicationSid }: Case): string[] {
  if (seen?.hookUrl !== undefined && seen.hookUrl !== wantedUrl)
    return [
      'The application’s call_status_hook is not sipwhy’s any more: somebody changed it. Run sipwhy connect again.',
    ];
  const sentences: string[] = [];
  if (seen?.alerts?.length) {
    sentences.push(
      `Jambonz called the hook without success. Its alerts say: ${seen.alerts.map((alert) => `"${alert}"`).join(', ')}. Make the address reachable from Jambonz.`,
    );
  }
  if (healthFault !== undefined)
    sentences.push(`Even from this machine the address of the hook does not lead to sipwhy: ${healthFault}.`);
  if (sentences.length > 0) return sentences;
  return [callsText(seen, applicationSid)];
}

function callsText(seen: SeenByJambonz | undefined, applicationSid: string): string {
  const { alerts, endedCalls, openCalls } = seen ?? {};
  if (endedCalls === 0 && openCalls === 0)
    return `No webhook came, because Jambonz knows of no call since then: place a call to a number of the application ${applicationSid}, and run this command again.`;
  if (endedCalls === undefined || openCalls === undefined || alerts === undefined)
    return 'No webhook came. Either no call was placed to the application since then, or Jambonz can’t reach the hook; the alerts in Jambonz’s portal show which. Jambonz could not be asked.';
  return `No webhook came, though Jambonz knows of calls since then (ended: ${endedCalls}, going on: ${openCalls}), and of no failed webhook. Calls keep the hook with which they began, and calls of other applications don’t use it. Alerts come up to 20 s late: run this command again. If it stays so, the hook leads to another sipwhy than this one.`;
}
