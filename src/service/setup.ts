import type { Settings } from '../settings/settings.ts';
import type { Search } from '../store/calls/search.ts';
import type { EngineState } from './engineState.ts';

/** The result of a sender's latest webhook: `accepted` or `repeated`, or why it was refused. */
type Outcome = string;

/** The steps to connect Jambonz and LiveKit, with the state of each, for somebody who sets the service up. */
export class Setup {
  readonly #settings: Settings;
  readonly #search: Pick<Search, 'anyWebhook'>;
  readonly #engine: () => EngineState;
  readonly #last: { jambonz?: Outcome; livekit?: Outcome } = {};

  constructor(settings: Settings, search: Pick<Search, 'anyWebhook'>, engine: () => EngineState) {
    this.#settings = settings;
    this.#search = search;
    this.#engine = engine;
  }

  /** Notes the result of a webhook of either sender. */
  received(source: 'jambonz' | 'livekit', outcome: Outcome): void {
    this.#last[source] = outcome;
  }

  async steps() {
    const seen = await this.#search.anyWebhook();
    return [
      this.#jambonzSeen(seen.jambonz),
      this.#signature(seen.jambonz),
      this.#snapshot(),
      this.#liveKitSeen(seen.livekit),
      this.#sbcAddresses(),
      this.#sipHost(),
      this.#apiToken(),
    ];
  }

  #jambonzSeen(isStored: boolean) {
    return {
      id: 'jambonz_webhook_seen' as const,
      title: 'Jambonz sends its webhooks here',
      done: isStored || this.#last.jambonz !== undefined,
      detail: isStored
        ? 'Call webhooks arrive.'
        : this.#last.jambonz
          ? `Webhooks arrive but are refused: ${this.#last.jambonz}.`
          : 'No webhook has arrived yet.',
      how: 'In the Jambonz application, set the call status hook to this service’s address with the path /jambonz/call-status. Set the dial verb’s actionHook to the same address with the path /jambonz/dial-action.',
    };
  }

  #signature(isStored: boolean) {
    const { secrets, basicAuth } = this.#settings.trust;
    const refused = isAccepted(this.#last.jambonz) ? undefined : this.#last.jambonz;
    const isAuthenticated = secrets.length > 0 || basicAuth !== undefined;
    return {
      id: 'jambonz_signature_valid' as const,
      title: 'Jambonz’s webhooks are verified',
      done: isAuthenticated && isStored && refused === undefined,
      detail: !isAuthenticated
        ? 'Neither JAMBONZ_WEBHOOK_SECRET nor JAMBONZ_BASIC_AUTH is set: anyone who reaches this port can send forged webhooks.'
        : refused
          ? `The latest webhook was refused: ${refused}.`
          : isStored
            ? 'The signature or the credentials are right.'
            : 'Unknown until a webhook arrives.',
      how: 'Set JAMBONZ_WEBHOOK_SECRET to the webhook secret of the Jambonz account.',
    };
  }

  #snapshot() {
    const { configuration, configurationError } = this.#engine();
    const { url, configFile } = this.#settings.livekit;
    return {
      id: 'livekit_snapshot_read' as const,
      title: 'LiveKit’s trunks and dispatch rules are read',
      done: configuration !== undefined,
      detail: configuration
        ? `Trunks: ${configuration.trunks}, dispatch rules: ${configuration.rules}.`
        : url === undefined && configFile === undefined
          ? 'Neither LIVEKIT_URL nor LIVEKIT_CONFIG_FILE is set.'
          : configurationError === undefined
            ? 'They have not been read yet.'
            : `They can’t be read: ${configurationError}.`,
      how: 'Set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or LIVEKIT_CONFIG_FILE.',
    };
  }

  #liveKitSeen(isStored: boolean) {
    const refused = isAccepted(this.#last.livekit) ? undefined : this.#last.livekit;
    return {
      id: 'livekit_webhook_seen' as const,
      title: 'LiveKit sends its webhooks here',
      done: isStored,
      detail: isStored
        ? 'Room webhooks arrive.'
        : refused
          ? `Webhooks arrive but are refused: ${refused}.`
          : 'No webhook has arrived yet. Without them sipwhy knows nothing about agents.',
      how: 'In LiveKit’s webhook configuration, add this service’s address with the path /livekit/webhook. Sign with the key in LIVEKIT_API_KEY.',
    };
  }

  #apiToken() {
    const { apiToken, metricsToken, metricsListener, allowsOpenApi } = this.#settings.access;
    return {
      id: 'api_token_set' as const,
      title: 'Calls are shown only to those who may see them',
      done: apiToken !== undefined || allowsOpenApi,
      detail:
        apiToken !== undefined
          ? `The API and the page need API_TOKEN. Metrics ${metricsListener ? 'have a listener of their own' : `need ${metricsToken === undefined ? 'it too' : 'METRICS_TOKEN'}`}.`
          : allowsOpenApi
            ? 'ALLOW_OPEN_API is set: a proxy in front of sipwhy has to check who reads.'
            : 'API_TOKEN is not set: everyone with access to this machine can read calls.',
      how: 'Set API_TOKEN to at least 16 random characters, and METRICS_TOKEN to others for Prometheus.',
    };
  }

  #sbcAddresses() {
    const { sbcAddresses } = this.#settings.site;
    return {
      id: 'sbc_addresses_set' as const,
      title: 'The addresses of Jambonz’s SBCs are known',
      done: sbcAddresses.length > 0,
      detail:
        sbcAddresses.length > 0
          ? sbcAddresses.join(', ')
          : 'Without them a trunk’s allowed_addresses can’t be checked.',
      how: 'Set JAMBONZ_SBC_ADDRESSES to the source addresses of the SBCs’ calls to LiveKit.',
    };
  }

  #sipHost() {
    const { sipHosts } = this.#settings.site;
    return {
      id: 'sip_host_set' as const,
      title: 'LiveKit’s SIP host is known',
      done: sipHosts.length > 0,
      detail: sipHosts.length > 0 ? sipHosts.join(', ') : 'Every dialled SIP URI counts as LiveKit’s.',
      how: 'Set LIVEKIT_SIP_HOST; on LiveKit Cloud it is <project id without p_>.sip.livekit.cloud.',
    };
  }
}

function isAccepted(outcome: Outcome | undefined): boolean {
  return outcome === undefined || outcome === 'accepted' || outcome === 'repeated';
}
