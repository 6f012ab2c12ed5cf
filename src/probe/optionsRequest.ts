import type { Answer } from './probeResult.ts';
import { optionsMessage, parseSipMessage } from './sipMessages.ts';
import { hostPort, type ProbeTarget } from './target.ts';

/** One OPTIONS request. `read` recognises its answer. */
interface OptionsRequest {
  readonly bytes: Buffer;
  read(message: string): Reading;
}

type Reading =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** A request, a response to something else, or a provisional one: the answer may still come. */
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed' };

/** Builds the request to a target from the local address of the socket that sends it. */
export function optionsRequest(target: ProbeTarget, local: { address: string; port: number }): OptionsRequest {
  const { bytes, callId, branch } = optionsMessage({
    host: hostPort(target.host, undefined),
    port: target.port,
    transport: target.transport,
    localHost: hostPort(local.address, undefined),
    localPort: local.port,
  });
  return {
    bytes,
    read(text) {
      const message = parseSipMessage(text);
      if (!message) return { kind: 'malformed' };
      if (message.kind === 'request') return { kind: 'other' };
      const { status, phrase, server } = message;
      const isOurs = message.callId === callId && message.branch === branch && message.method === 'OPTIONS';
      if (!isOurs || status < 200) return { kind: 'other' };
      return { kind: 'answer', answer: { status, phrase, server } };
    },
  };
}
