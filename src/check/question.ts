import type { DeclaredAuth } from '../call/event.ts';

/** A call that is only asked about. */
export interface Question {
  /** The dialled SIP URI, or its user part alone: then the host is not judged. */
  readonly to: string;
  readonly caller: string | undefined;
  /** Address that the INVITE would come from; the site's SBC addresses where it is `undefined`. */
  readonly source: string | undefined;
  readonly auth: DeclaredAuth | undefined;
}
