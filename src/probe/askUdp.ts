import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { connectionReason, messageOf } from './connect.ts';
import { type Limit, secondsSince, waitFor } from './limit.ts';
import { optionsRequest } from './optionsRequest.ts';
import type { Address, Answer, ProbeReason, Step } from './probeResult.ts';
import type { ProbeTarget } from './target.ts';

/** RFC 3261's timer E for a request other than INVITE: T1, doubling up to T2. */
const T1_MS = 500;
const T2_MS = 4_000;

/**
 * Sends OPTIONS over UDP, repeatedly until the limit, because datagrams get lost. The socket is connected: only then
 * does the system report a refused port and drop datagrams from other addresses.
 */
export function askOverUdp(target: ProbeTarget, { address, port }: Address, limit: Limit): Promise<Step<Answer>> {
  const start = performance.now();
  let sent = 0;
  let isMalformed = false;
  const failed = (outcome: ProbeReason, detail: string): Step<Answer> => {
    return { outcome, seconds: secondsSince(start), detail };
  };
  const late = () =>
    isMalformed
      ? failed('bad_response', 'the answer isn’t a SIP response')
      : failed('no_answer', `${sent} ${sent === 1 ? 'request' : 'requests'} sent, no answer`);
  return waitFor(limit, late, (finish) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    let again: NodeJS.Timeout | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => finish(failed(connectionReason(error), messageOf(error))));
    socket.once('connect', () => {
      const request = optionsRequest(target, socket.address());
      socket.on('message', (datagram) => {
        const reading = request.read(datagram.toString());
        // It may be a stray datagram, and the answer may still come.
        if (reading.kind === 'malformed') isMalformed = true;
        if (reading.kind === 'answer') finish({ outcome: 'ok', seconds: secondsSince(start), ...reading.answer });
      });
      const send = (nextMs: number) => {
        socket.send(request.bytes);
        sent += 1;
        again = setTimeout(send, nextMs, Math.min(nextMs * 2, T2_MS));
      };
      send(T1_MS);
    });
    socket.connect(port, address);
    return () => {
      clearTimeout(again);
      socket.close();
    };
  });
}
