import { randomBytes } from 'node:crypto';
import { LoggerFactory } from 'sip.js/lib/core/log/logger-factory.js';
import { IncomingResponseMessage } from 'sip.js/lib/core/messages/incoming-response-message.js';
import { OutgoingRequestMessage } from 'sip.js/lib/core/messages/outgoing-request-message.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { Grammar } from 'sip.js/lib/grammar/grammar.js';
import { URI } from 'sip.js/lib/grammar/uri.js';

// Only this file knows sip.js. It loads the parser, grammar and messages, not the user agent, which needs a browser.

/** The server in a SIP URI. */
interface ServerUri {
  readonly scheme: string;
  /** An IPv6 address has brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** The `transport` parameter, in lower case. */
  readonly transport: string | undefined;
}

/** An OPTIONS request, and the values that its response repeats. */
interface OptionsMessage {
  readonly bytes: Buffer;
  readonly callId: string;
  readonly branch: string;
}

/** Destination and source of an OPTIONS request. Hosts are as in a URI: an IPv6 address has brackets. */
interface OptionsAddresses {
  readonly host: string;
  readonly port: number | undefined;
  readonly transport: string;
  readonly localHost: string;
  readonly localPort: number;
}

type SipMessage =
  | { readonly kind: 'request' }
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly phrase: string;
      readonly callId: string;
      readonly branch: string;
      /** Of the CSeq header. */
      readonly method: string | undefined;
      /** The Server header, else the User-Agent header. */
      readonly server: string | undefined;
    };

const logging = new LoggerFactory();
// A message that can't be parsed is a result of the probe, not a line on standard output.
logging.builtinEnabled = false;
const silent = logging.getLogger('probe');

/** Reads a SIP or SIPS URI; `undefined` for any other text. */
export function parseServerUri(text: string): ServerUri | undefined {
  const uri = Grammar.URIParse(text);
  return (
    uri && { scheme: uri.scheme, host: uri.host, port: uri.port, transport: uri.getParam('transport') ?? undefined }
  );
}

/** Builds an OPTIONS request with a new Call-ID and branch. */
export function optionsMessage({ host, port, transport, localHost, localPort }: OptionsAddresses): OptionsMessage {
  const to = new URI('sip', '', host, port, { transport });
  const request = new OutgoingRequestMessage(
    'OPTIONS',
    to,
    new URI('sip', 'sipwhy', localHost),
    to,
    {
      callId: `${randomBytes(12).toString('hex')}@${localHost}`,
      forceRport: true,
      optionTags: [],
      userAgentString: 'sipwhy',
      viaHost: `${localHost}:${localPort}`,
    },
    [`Contact: <${new URI('sip', 'sipwhy', localHost, localPort, { transport })}>`, 'Accept: application/sdp'],
  );
  const branch = `z9hG4bK${randomBytes(12).toString('hex')}`;
  request.setViaHeader(branch, transport.toUpperCase());
  return { bytes: Buffer.from(request.toString()), callId: request.callId, branch };
}

/** Reads a message; `undefined` if it isn't SIP. */
export function parseSipMessage(text: string): SipMessage | undefined {
  const message = parse(text);
  if (!message?.callId) return undefined;
  if (!(message instanceof IncomingResponseMessage)) return { kind: 'request' };
  return {
    kind: 'response',
    status: message.statusCode ?? 0,
    phrase: message.reasonPhrase ?? '',
    callId: message.callId,
    branch: message.viaBranch,
    method: message.method,
    server: message.getHeader('server') ?? message.getHeader('user-agent'),
  };
}

function parse(text: string): ReturnType<typeof Parser.parseMessage> {
  try {
    return Parser.parseMessage(text, silent);
  } catch {
    // The parser throws on a CSeq header that it can't read.
    return undefined;
  }
}
