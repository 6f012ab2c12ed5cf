import type { Socket } from 'node:net';
import { connectionReason, messageOf } from './connect.ts';
import { type Limit, secondsSince, waitFor } from './limit.ts';
import { optionsRequest } from './optionsRequest.ts';
import type { Answer, ProbeReason, Step } from './probeResult.ts';
import type { ProbeTarget } from './target.ts';

/** More than any answer to OPTIONS: who sends this much without one does not speak SIP. */
const MOST_BYTES = 65_536;

/** Asks for OPTIONS over a TCP or TLS connection, once: the connection itself repeats what is lost. */
export function askOverStream(target: ProbeTarget, socket: Socket, limit: Limit): Promise<Step<Answer>> {
  const start = performance.now();
  let received = '';
  const failed = (outcome: ProbeReason, detail: string): Step<Answer> => {
    return { outcome, seconds: secondsSince(start), detail };
  };
  const notSip = () => failed('bad_response', looksLikeTls(received) ? 'the port speaks TLS' : 'what came is not SIP');
  const late = () =>
    received === '' ? failed('no_answer', 'the connection is open, and nothing came back') : notSip();
  return waitFor(limit, late, (finish) => {
    const request = optionsRequest(target, { address: socket.localAddress ?? '', port: socket.localPort ?? 0 });
    const onData = (bytes: Buffer) => {
      // Latin-1 keeps one character a byte, which Content-Length counts.
      received += bytes.toString('latin1');
      for (let message = takeMessage(received); message; message = takeMessage(received)) {
        const reading = request.read(message.text);
        if (reading.kind === 'answer') finish({ outcome: 'ok', seconds: secondsSince(start), ...reading.answer });
        if (reading.kind === 'malformed') finish(notSip());
        if (reading.kind !== 'other') return;
        received = message.rest;
      }
      if (received.length > MOST_BYTES) finish(notSip());
    };
    const onError = (error: Error) => {
      // The far end's TLS says that it wants no such thing, and resets the connection.
      finish(received === '' ? failed(connectionReason(error), messageOf(error)) : notSip());
    };
    const onClose = () => {
      finish(received === '' ? failed('connection_closed', 'the connection was closed without an answer') : notSip());
    };
    // It may have been closed in the moment between two steps.
    if (socket.destroyed) onClose();
    socket.on('data', onData).on('error', onError).once('close', onClose).once('end', onClose);
    socket.write(request.bytes);
    return () => socket.off('data', onData).off('close', onClose).off('end', onClose);
  });
}

/** A TLS alert or handshake record, which is what a TLS server answers to plain text. */
function looksLikeTls(received: string): boolean {
  return received.startsWith('\x15\x03') || received.startsWith('\x16\x03');
}

const END_OF_HEADERS = '\r\n\r\n';
const CONTENT_LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*$/im;

/**
 * Cuts the first message off a stream (RFC 3261, section 18.3), one character a byte; `undefined` while it is not
 * complete. Empty lines before it are keep-alives. What is in the message is left to the parser.
 */
export function takeMessage(received: string): { readonly text: string; readonly rest: string } | undefined {
  const stream = received.replace(/^(?:\r\n)+/, '');
  const headersEnd = stream.indexOf(END_OF_HEADERS);
  if (headersEnd === -1) return undefined;
  const bodyStart = headersEnd + END_OF_HEADERS.length;
  const length = Number(CONTENT_LENGTH.exec(stream.slice(0, headersEnd))?.[1] ?? 0);
  if (stream.length < bodyStart + length) return undefined;
  return { text: stream.slice(0, bodyStart + length), rest: stream.slice(bodyStart + length) };
}
