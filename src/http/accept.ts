import type { FastifyRequest } from 'fastify';

/**
 * The media type that the Accept header names with the greatest quality, among `types` (RFC 9110, 12.5.1); `undefined`
 * where it names none of them, or only with `q=0`. Wildcards name nothing: the default of the route is for them.
 * Parameters such as `version` are passed over, since Prometheus adds new ones over time.
 */
export function preferredType<const T extends string>(request: FastifyRequest, types: readonly T[]): T | undefined {
  const accepted = [request.accepts().types()].flat().map((type) => String(type).toLowerCase());
  const first = accepted.find((type) => types.some((known) => known === type));
  return types.find((type) => type === first);
}
