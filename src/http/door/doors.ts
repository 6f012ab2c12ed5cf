import type { onRequestAsyncHookHandler, onRequestHookHandler } from 'fastify';
import { type AuthFailure, type Door, WrongTokens } from './lock.ts';
import { type HostPolicy, refuseForeignHosts, refuseForeignPages } from './origins.ts';
import { limitReads } from './readLimit.ts';

/** Why a request was refused before its route saw it: a label value of `sipwhy_requests_refused_total`. */
export type DoorRefusal = 'foreign_host' | 'foreign_origin' | 'rate' | 'streams';

export interface DoorRules extends HostPolicy {
  onAuthFailure(door: Door, failure: AuthFailure, address: string): void;
  /** `host`: the foreign name. */
  onRefused(reason: DoorRefusal, host?: string): void;
}

/** What guards the routes. Each is a hook of the requests that it guards. */
export interface Doors {
  readonly refuseForeignHosts: onRequestHookHandler;
  /** For routes that act or show data. The page itself may be linked to. */
  readonly refuseForeignPages: onRequestHookHandler;
  readonly limitReads: onRequestAsyncHookHandler;
  readonly wrongTokens: WrongTokens;
  onRefused: DoorRules['onRefused'];
}

export function doorsOf(rules: DoorRules): Doors {
  return {
    refuseForeignHosts: refuseForeignHosts(rules, (host) => rules.onRefused('foreign_host', host)),
    refuseForeignPages: refuseForeignPages(rules.hostNames, () => rules.onRefused('foreign_origin')),
    limitReads: limitReads(() => rules.onRefused('rate')),
    wrongTokens: new WrongTokens((door, failure, address) => rules.onAuthFailure(door, failure, address)),
    onRefused: (reason) => rules.onRefused(reason),
  };
}
