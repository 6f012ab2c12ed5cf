import { type Setting, settingsFor } from './envSettings.ts';
import type { Gathered } from './gather.ts';
import type { NewHook } from './jambonz/jambonzApi.ts';
import {
  addressWarnings,
  type FormerHook,
  formerHook,
  type HookUrls,
  hookUrls,
  isWebSocketApplication,
  keyWarnings,
  newHook,
} from './jambonz/statusHook.ts';
import { maskUrl, quote } from './masked.ts';
import type { ServiceState } from './waiting/runningService.ts';

/** What `connect` would change, and what it has to say about that. */
export interface Plan {
  /** `undefined` without an address of sipwhy. */
  readonly urls: HookUrls | undefined;
  readonly former: FormerHook | undefined;
  /** The hook to set; `undefined` if the hook stays as it is. */
  readonly hook: NewHook | undefined;
  /** Why the hook must not be changed without the operator's word. */
  readonly obstacle: string | undefined;
  readonly settings: readonly Setting[];
  readonly warnings: readonly string[];
}

interface PlanInput {
  readonly gathered: Gathered;
  readonly sipwhyUrl: string | undefined;
  readonly jambonzUrl: string;
  /** Whether a hook may be replaced to which sipwhy can't forward. */
  readonly mayReplace: boolean;
  /** sipwhy's JAMBONZ_BASIC_AUTH. */
  readonly basicAuth: string | undefined;
  readonly livekitSettings: Readonly<Record<string, string>>;
  readonly service: ServiceState | undefined;
  /** What CALL_STATUS_FORWARD_URL already is. */
  readonly forwardUrl: string | undefined;
  /** The value of a setting in the file of settings, or else in the environment. */
  current(name: string): string | undefined;
}

export function planFor(input: PlanInput): Plan {
  const { gathered, sipwhyUrl, mayReplace, current } = input;
  const { call_status_hook: hook } = gathered.application;
  const urls = sipwhyUrl === undefined ? undefined : hookUrls(sipwhyUrl);
  const former = urls && formerHook(hook, urls.callStatus, input.forwardUrl);
  const isChanged = former !== undefined && former.kind !== 'same';
  const { settings, notes } = settingsFor(
    {
      webhookSecret: gathered.webhookSecret,
      sbcAddresses: gathered.sbcs.map(({ address }) => address),
      forwardUrl: former?.kind === 'forwarded' ? former.url : undefined,
      livekit: input.livekitSettings,
    },
    current,
  );
  return {
    urls,
    former,
    hook: urls && isChanged ? newHook(urls.callStatus, hook, former, input.basicAuth) : undefined,
    obstacle: former?.kind === 'lost' && !mayReplace ? obstacleOf(former.reason) : undefined,
    settings,
    warnings: [...warningsOf(input, former), ...notes],
  };
}

function obstacleOf(reason: string): string {
  return `nothing was changed: sipwhy could not forward statuses to the present hook, so its owner would get none (${reason}); give --replace to replace it all the same`;
}

function warningsOf({ gathered, sipwhyUrl, jambonzUrl, service }: PlanInput, former: FormerHook | undefined): string[] {
  const warnings = [
    ...keyWarnings(jambonzUrl),
    ...(sipwhyUrl === undefined ? [] : addressWarnings(sipwhyUrl, jambonzUrl)),
  ];
  if (former?.kind === 'forwarded') warnings.push(...forwardWarnings(former, service));
  if (former?.kind === 'lost')
    warnings.push(`The owner of the present hook gets no statuses any more: ${former.reason}.`);
  if (isWebSocketApplication(gathered.application)) {
    warnings.push(
      'The application’s call_hook is a WebSocket: Jambonz sends the statuses of inbound calls over it, and ignores the call_status_hook.',
    );
  }
  if (gathered.webhookSecret === undefined) {
    warnings.push(
      'The account has no webhook secret, so its webhooks are not signed. Make one in the portal; sipwhy needs it or JAMBONZ_BASIC_AUTH.',
    );
  }
  if (gathered.sbcs.length === 0)
    warnings.push('Jambonz lists no address of an SBC: set JAMBONZ_SBC_ADDRESSES by hand.');
  for (const text of gathered.notAddresses)
    warnings.push(`Jambonz lists an SBC that is no IP address, "${quote(text, [])}": set its address by hand.`);
  return warnings;
}

function forwardWarnings(
  former: Extract<FormerHook, { kind: 'forwarded' }>,
  service: ServiceState | undefined,
): string[] {
  const warnings: string[] = [];
  if (!(service?.kind === 'running' && service.forwards)) {
    const why =
      service?.kind === 'running' && service.forwards === false
        ? 'The running sipwhy forwards no statuses yet'
        : 'Whether the running sipwhy forwards statuses is unknown';
    warnings.push(
      `${why}: until it runs with CALL_STATUS_FORWARD_URL, ${maskUrl(former.url)} gets none. Start it with that setting before the hook changes.`,
    );
  }
  if (former.isGet)
    warnings.push(
      'The present hook’s method is GET. sipwhy gets and forwards POST, which your application must accept.',
    );
  return warnings;
}
