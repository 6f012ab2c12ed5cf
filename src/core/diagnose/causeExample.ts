/**
 * A call in brief with its expected verdict. Data only: the documentation shows it, and
 * test/core/diagnose/causes.test.ts turns it into webhooks and replays them through the real stages. All times are
 * milliseconds after the INVITE.
 */
export interface Example {
  /** The behaviour, as in "a 407 is credentials that were not sent". */
  readonly shows: string;
  readonly call: ExampleCall;
  /** Other final responses with the same verdict. */
  readonly alike?: readonly ExampleResponse[];
  /** LiveKit's configuration; absent if unknown. */
  readonly livekit?: ExampleConfiguration;
  readonly settings?: ExampleSettings;
  /** Calls to the same agent that ended before. */
  readonly earlier?: readonly ExampleSeries[];
  /** Calls that were made at the same time. */
  readonly meanwhile?: readonly ExampleDial[];
  readonly want: ExampleVerdict;
}

export type ExampleResponse = readonly [status: number, phrase: string, at: number];

/** A dialled leg, and how it ended. Without an end, no further webhook arrived. */
export interface ExampleDial {
  /** A SIP URI of LiveKit's by default. */
  readonly to?: string;
  readonly from?: string;
  /** The tag of the dial verb. */
  readonly tag?: object;
  /** When each 180 came. LiveKit repeats it every second once it has admitted the call. */
  readonly ringing?: readonly number[] | 'every second';
  readonly response?: ExampleResponse;
  /** The leg was answered then; `callerHungUpAt` and `farEndHungUpAt` say how the call ended. */
  readonly answeredAt?: number;
  readonly callerHungUpAt?: number;
  readonly farEndHungUpAt?: number;
  /** How long the caller's leg goes on after the far end hung up. */
  readonly callerStaysMs?: number;
  /** The dial's own timeout passed. */
  readonly dialGaveUpAt?: number;
}

/** Calls one after another: when the first INVITE came, and how far apart they are. All were answered by the agent. */
export interface ExampleSeries {
  readonly calls: number;
  readonly from: number;
  readonly every: number;
  /** When the caller hung up, after each INVITE. */
  readonly callerHungUpAt: number;
}

export interface ExampleCall extends ExampleDial {
  /** `caller`: the caller's own leg failed and nothing was dialled. `rest`: made through Jambonz's REST API. */
  readonly leg?: 'caller' | 'rest';
  /** What is missing from Jambonz's webhooks: the B leg's last one, its ringing, or the caller in all of them. */
  readonly lost?: 'final' | 'ringing' | 'caller';
  readonly room?: ExampleRoom;
  /** What the agent reported of its transfers. */
  readonly transfers?: readonly ExampleTransfer[];
}

/** The error of LiveKit's API, `null` for a transfer that succeeded, and when the agent reported it. */
export interface ExampleTransfer {
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly at: number;
}

/** When LiveKit's webhooks reported each event of the room. Without a room, no LiveKit webhook arrived. */
export interface ExampleRoom {
  readonly started?: number;
  readonly callerJoined?: number;
  /** The caller never got into the room. */
  readonly callerAborted?: number;
  readonly jobStarted?: number;
  readonly agentJoined?: number;
  readonly agentPublished?: number;
  readonly roomDeleted?: number;
  readonly callerLeft?: number;
  readonly agentLeft?: number;
  /** LiveKit moved the caller to another node. The caller comes back with another sid. */
  readonly callerMoved?: number;
  /** LiveKit lost the caller or the agent: its reason, and when it said so. */
  readonly callerLost?: readonly [reason: string, at: number];
  readonly agentLost?: readonly [reason: string, at: number];
  readonly finished?: number;
}

/**
 * Fields as in LiveKit's API. Defaults of a trunk: its id is ST_1, ST_2, …, and it has the dialled number. Defaults of
 * a rule: its id is SDR_1, SDR_2, …, it is bound to ST_1, and it makes individual rooms.
 */
export interface ExampleConfiguration {
  /** By default, one that accepts the call. */
  readonly trunks?: readonly object[];
  /** By default, one that accepts the call. */
  readonly rules?: readonly object[];
}

/** As in a recorded case. The SBC's address is known by default. */
export interface ExampleSettings {
  readonly sbc_addresses?: readonly string[];
  readonly livekit_url?: string;
  readonly livekit_sip_host?: string;
}

/** Everything is compared exactly; absent lists are expected to be empty. */
export interface ExampleVerdict {
  /** `failed` by default. */
  readonly outcome?: 'failed' | 'dropped' | 'not_counted' | 'connected';
  /** Ids of causes, the headline first. */
  readonly blocking: readonly string[];
  readonly confidence: 'certain' | 'likely' | 'possible' | null;
  readonly latent?: readonly string[];
  readonly alternatives?: readonly string[];
  readonly findings?: readonly string[];
  /** The id of the trunk that the attempt is counted under; not compared if absent. */
  readonly trunk?: string;
}
