import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { checkCertificate } from './certificate.ts';
import { type Limit, secondsSince, waitFor } from './limit.ts';
import type { Address, ProbeReason, Secured, Step } from './probeResult.ts';

/** A step that leaves a connection open for the next step. */
export interface Connected<S extends Socket, Ok = unknown> {
  readonly step: Step<Ok>;
  /** Present if the step is `ok`. The caller destroys it. */
  readonly socket?: S;
}

/** Opens a TCP connection. */
export function openTcp({ address, port }: Address, limit: Limit): Promise<Connected<Socket>> {
  const start = performance.now();
  const socket = connectTcp({ host: address, port, noDelay: true });
  const failed = (outcome: ProbeReason, detail: string): Connected<Socket> => {
    socket.destroy();
    return { step: { outcome, seconds: secondsSince(start), detail } };
  };
  return waitFor<Connected<Socket>>(
    limit,
    () => failed('connect_timeout', 'no answer to the connection request'),
    (finish) => {
      const onConnect = () => finish({ step: { outcome: 'ok', seconds: secondsSince(start) }, socket });
      const onError = (error: NodeJS.ErrnoException) => finish(failed(connectionReason(error), messageOf(error)));
      socket.once('connect', onConnect).once('error', onError);
      return () => {
        socket.off('connect', onConnect).off('error', onError);
        // A later error doesn't matter, but without a listener it would end the process.
        socket.on('error', () => {});
      };
    },
  );
}

export interface TlsOptions {
  /** Authorities to trust, in PEM. Absent: those that Node trusts (TLS_CA_FILE adds to them). */
  readonly ca?: string | undefined;
}

/**
 * Starts TLS and checks the certificate against the dialled name, not the name from the SRV record (RFC 5922). A bad
 * certificate doesn't end the connection, so that the probe can still send OPTIONS.
 */
export function openTls(
  tcp: Socket,
  host: string,
  { ca }: TlsOptions,
  limit: Limit,
): Promise<Connected<TLSSocket, Secured>> {
  const start = performance.now();
  const socket = connectTls({
    socket: tcp,
    rejectUnauthorized: false,
    // A server name may not be an address (RFC 6066).
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  });
  const failed = (outcome: ProbeReason, detail: string): Connected<TLSSocket, Secured> => {
    socket.destroy();
    return { step: { outcome, seconds: secondsSince(start), detail } };
  };
  return waitFor<Connected<TLSSocket, Secured>>(
    limit,
    () => failed('tls_timeout', 'the connection is open, but there is no answer to the TLS handshake'),
    (finish) => {
      const onSecure = () => {
        const secured = checkCertificate(socket, host, Date.now());
        finish({ step: { outcome: 'ok', seconds: secondsSince(start), ...secured }, socket });
      };
      const onError = (error: Error) => finish(failed('tls_failed', messageOf(error)));
      const onClose = () => finish(failed('tls_failed', 'the connection was closed during the handshake'));
      socket.once('secureConnect', onSecure).once('error', onError).once('close', onClose);
      return () => {
        socket.off('secureConnect', onSecure).off('error', onError).off('close', onClose);
        socket.on('error', () => {});
      };
    },
  );
}

/** The reason for a socket's error, also over UDP. */
export function connectionReason({ code = '' }: NodeJS.ErrnoException): ProbeReason {
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection_refused';
    case 'ETIMEDOUT':
      return 'connect_timeout';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'connection_closed';
    default:
      // A server reports a missing client certificate only after the handshake.
      return /^ERR_SSL|^EPROTO/.test(code) ? 'tls_failed' : 'host_unreachable';
  }
}

/** A short text for an error. OpenSSL's messages are long and contain a line of its source. */
export function messageOf(error: Error & { readonly code?: string | undefined; readonly reason?: string }): string {
  return error.reason ?? error.code ?? error.message;
}
