/**
 * A call in brief and what is to be said of it. Data only: the documentation shows it, and test/core/causes.test.ts
 * makes webhooks of it and replays them through the real stages. All times are milliseconds after the INVITE.
 */
export interface Example {
  /** The behaviour, as in "a 407 is credentials that were not sent". */
  readonly shows: string;
  readonly call: ExampleCall;
  /** Other final responses of which the same is to be said. */
  readonly alike?: readonly ExampleResponse[];
  /** LiveKit's configuration; where it is left out it is not known. */
  readonly livekit?: ExampleConfiguration;
  readonly settings?: ExampleSettings;
  /** Calls that were made at the same time. */
  readonly meanwhile?: readonly ExampleDial[];
  readonly want: ExampleVerdict;
}

export type ExampleResponse = readonly [status: number, phrase: string, at: number];

/** A leg that was dialled, and how it ended. One that has no end was not heard of again. */
export interface ExampleDial {
  /** A SIP URI of LiveKit's by default. */
  readonly to?: string;
  readonly from?: string;
  /** The tag of the dial verb. */
  readonly tag?: object;
  /** When each 180 came. LiveKit repeats it every second once it has admitted the call. */
  readonly ringing?: readonly number[] | 'every second';
  readonly response?: ExampleResponse;
  readonly callerHungUpAt?: number;
  /** The dial's own timeout passed. */
  readonly dialGaveUpAt?: number;
}

export interface ExampleCall extends ExampleDial {
  /** `caller`: the caller's own leg failed and nothing was dialled. `rest`: made through Jambonz's REST API. */
  readonly leg?: 'caller' | 'rest';
  /** Webhooks of Jambonz's that never came: the B leg's last one, those of its ringing, or who called in all of them. */
  readonly lost?: 'final' | 'ringing' | 'caller';
  readonly room?: ExampleRoom;
}

/** When LiveKit's webhooks told what of the room. Where there is no room none of its webhooks came. */
export interface ExampleRoom {
  readonly callerJoined?: number;
  readonly jobStarted?: number;
  readonly agentJoined?: number;
  readonly agentPublished?: number;
  readonly roomDeleted?: number;
  readonly callerLeft?: number;
  readonly agentLeft?: number;
  readonly finished?: number;
}

/**
 * Fields as in LiveKit's API. What is left out of a trunk: its id ST_1, ST_2, …, and the number that is dialled; of a
 * rule: its id SDR_1, SDR_2, …, that it is bound to ST_1, and that it makes individual rooms.
 */
export interface ExampleConfiguration {
  /** One that takes the call by default. */
  readonly trunks?: readonly object[];
  /** One that takes the call by default. */
  readonly rules?: readonly object[];
}

/** As in a recorded case. The SBC's address is known by default. */
export interface ExampleSettings {
  readonly sbc_addresses?: readonly string[];
  readonly livekit_url?: string;
  readonly livekit_sip_host?: string;
}

/** Everything is compared exactly; what is left out is expected to be empty. */
export interface ExampleVerdict {
  /** `failed` by default. */
  readonly outcome?: 'failed' | 'not_counted' | 'connected';
  /** Ids of causes, the headline first. */
  readonly blocking: readonly string[];
  readonly confidence: 'certain' | 'likely' | 'possible' | null;
  readonly latent?: readonly string[];
  readonly alternatives?: readonly string[];
  readonly findings?: readonly string[];
  /** The id of the trunk that the attempt is counted under; not compared where it is left out. */
  readonly trunk?: string;
}
