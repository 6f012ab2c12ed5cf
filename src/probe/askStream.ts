import type { Socket } from 'node:net';
import { connectionReason, messageOf } from './connect.ts';
import { type Limit, secondsSince, waitFor } from './limit.ts';
import { optionsRequest } from './optionsRequest.ts';
import type { Answer, ProbeReason, Step } from './probeResult.ts';
import type { ProbeTarget } from './target.ts';

/** More than any answer to OPTIONS. A peer that sends this much without an answer doesn't speak SIP. */
const MOST_BYTES = 65_536;

/** Sends OPTIONS once over a TCP or TLS connection, which retransmits lost data itself. */
export function askOverStream(target: ProbeTarget, socket: Socket, limit: Limit): Promise<Step<Answer>> {
  const start = performance.now();
  let received = '';
  const failed = (outcome: ProbeReason, detail: string): Step<Answer> => {
    return { outcome, seconds: secondsSince(start), detail };
  };
  const notSip = () => failed('bad_response', looksLikeTls(received) ? 'the port speaks TLS' : 'the answer isn’t SIP');
  const late = () => (received === '' ? failed('no_answer', 'the connection is open, but no answer came') : notSip());
  return waitFor(limit, late, (finish) => {
    const request = optionsRequest(target, { address: socket.localAddress ?? '', port: socket.localPort ?? 0 });
    const onData = (bytes: Buffer) => {
      // Latin-1 has one character per byte, and Content-Length counts bytes.
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
      // A TLS server answers plain text with an alert and then resets the connection.
      finish(received === '' ? failed(connectionReason(error), messageOf(error)) : notSip());
    };
    const onClose = () => {
      finish(received === '' ? failed('connection_closed', 'the connection was closed without an answer') : notSip());
    };
    // The peer may have closed it between two steps.
    if (socket.destroyed) onClose();
    socket.on('data', onData).on('error', onError).once('close', onClose).once('end', onClose);
    socket.write(request.bytes);
    return () => socket.off('data', onData).off('close', onClose).off('end', onClose);
  });
}

/** A TLS alert or handshake record: a TLS server's answer to plain text. */
function looksLikeTls(received: string): boolean {
  return received.startsWith('\x15\x03') || received.startsWith('\x16\x03');
}

const END_OF_HEADERS = '\r\n\r\n';
const CONTENT_LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*$/im;

/**
 * Takes the first message from a stream (RFC 3261, section 18.3) of one character per byte; `undefined` while it is
 * incomplete. Empty lines before it are keep-alives.
 */
function takeMessage(received: string): { readonly text: string; readonly rest: string } | undefined {
  const stream = received.replace(/^(?:\r\n)+/, '');
  const headersEnd = stream.indexOf(END_OF_HEADERS);
  if (headersEnd === -1) return undefined;
  const bodyStart = headersEnd + END_OF_HEADERS.length;
  const length = Number(CONTENT_LENGTH.exec(stream.slice(0, headersEnd))?.[1] ?? 0);
  if (stream.length < bodyStart + length) return undefined;
  return { text: stream.slice(0, bodyStart + length), rest: stream.slice(bodyStart + length) };
}
