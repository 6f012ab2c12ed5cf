/** Headers that concern one connection only (RFC 9110, 7.6.1), or that the next request sets for itself. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names and values in turn, as they came over the wire: order, case and repetitions kept. */
export type RawHeaders = readonly string[];

/** The headers that go on to the application, unchanged, and after them which sipwhy they passed. */
export function headersToPassOn(received: RawHeaders, instance: string): string[] {
  const pairs: [name: string, value: string][] = [];
  for (let i = 0; i + 1 < received.length; i += 2) pairs.push([received[i] ?? '', received[i + 1] ?? '']);
  const ofThisConnection = pairs
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((name) => name.trim());
  const dropped = new Set([...NOT_PASSED_ON, ...ofThisConnection]);
  return [...pairs.filter(([name]) => !dropped.has(name.toLowerCase())).flat(), 'Via', `1.1 ${instance}`];
}

/** Whether a request has passed this sipwhy before: it then goes in a circle, which ends here. */
export function hasPassed(instance: string, via: string | undefined): boolean {
  return (via ?? '').split(',').some((hop) => hop.trim().split(/\s+/)[1] === instance);
}
