import { randomBytes } from 'node:crypto';
import { LoggerFactory } from 'sip.js/lib/core/log/logger-factory.js';
import { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { OutgoingRequestMessage } from 'sip.js/lib/core/messages/outgoing-request-message.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { URI } from 'sip.js/lib/grammar/uri.js';
import type { Answer } from './result.ts';
import { hostPort, type ProbeTarget } from './target.ts';

/** One OPTIONS request, and how its answer is told from anything else. */
export interface OptionsRequest {
  readonly bytes: Buffer;
  read(message: string): Reading;
}

export type Reading =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** A request, a response to something else, or a provisional one: the answer may still come. */
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed' };

const logging = new LoggerFactory();
// What cannot be parsed is a result of the probe, not a message on standard output.
logging.builtinEnabled = false;
const silent = logging.getLogger('probe');

/** Builds the request to a target from the local address of the socket that sends it. */
export function optionsRequest(target: ProbeTarget, local: { address: string; port: number }): OptionsRequest {
  const from = hostPort(local.address, undefined);
  const transport = { transport: target.transport };
  const to = new URI('sip', '', hostPort(target.host, undefined), target.port, transport);
  const request = new OutgoingRequestMessage(
    'OPTIONS',
    to,
    new URI('sip', 'sipwhy', from),
    to,
    {
      callId: `${randomBytes(12).toString('hex')}@${from}`,
      forceRport: true,
      optionTags: [],
      userAgentString: 'sipwhy',
      viaHost: hostPort(local.address, local.port),
    },
    [`Contact: <${new URI('sip', 'sipwhy', from, local.port, transport)}>`, 'Accept: application/sdp'],
  );
  const branch = `z9hG4bK${randomBytes(12).toString('hex')}`;
  request.setViaHeader(branch, target.transport.toUpperCase());
  return {
    bytes: Buffer.from(request.toString()),
    read(message) {
      const response = parse(message);
      if (!response?.callId) return { kind: 'malformed' };
      if (!(response instanceof IncomingResponseMessage)) return { kind: 'other' };
      const { statusCode, reasonPhrase, callId, viaBranch, method } = response;
      const isOurs = callId === request.callId && viaBranch === branch && method === 'OPTIONS';
      if (!isOurs || statusCode === undefined || statusCode < 200) return { kind: 'other' };
      const server = response.getHeader('server') ?? response.getHeader('user-agent');
      return { kind: 'answer', answer: { status: statusCode, phrase: reasonPhrase ?? '', server } };
    },
  };
}

/** `undefined` for what is no SIP message. */
function parse(message: string): ReturnType<typeof Parser.parseMessage> {
  try {
    return Parser.parseMessage(message, silent);
  } catch {
    // The parser throws on a CSeq header that it cannot read.
    return undefined;
  }
}
