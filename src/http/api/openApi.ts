import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { hoistNamed } from './namedSchemas.ts';
import { OTHER_PATHS } from './otherPaths.ts';

const TAGS = [
  { name: 'calls', description: 'Call attempts and why they failed.' },
  { name: 'incidents', description: 'Failed calls grouped by cause and trunk.' },
  { name: 'trunks', description: 'LiveKit’s configuration, its audit and its changes.' },
  { name: 'check', description: 'Would this call connect?' },
  { name: 'events', description: 'Calls and incidents, live.' },
  { name: 'reference', description: 'All causes, the state of the setup, and this description.' },
  { name: 'session', description: 'Signing in to the page.' },
  { name: 'webhooks', description: 'What Jambonz and LiveKit send.' },
  { name: 'operations', description: 'For Prometheus and an orchestrator.' },
];

/** Describes every route with a tag as OpenAPI 3.1. Register it before the routes. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'sipwhy',
        version,
        description: 'Why did this SIP call fail? Times are ISO 8601 in UTC. null means unknown.',
        contact: { name: 'sipwhy', url: 'https://github.com/sipwhy/sipwhy' },
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This service.' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN, if it is set.' },
          session: { type: 'apiKey', in: 'cookie', name: 'sipwhy_session', description: 'From POST /session.' },
          metricsToken: { type: 'http', scheme: 'bearer', description: 'METRICS_TOKEN, or API_TOKEN, if it is set.' },
          basic: { type: 'http', scheme: 'basic', description: 'JAMBONZ_BASIC_AUTH, if it is set.' },
        },
      },
      security: [{ token: [] }, { session: [] }, {}],
    },
    transformObject: (document) => {
      // The cast: this service writes OpenAPI 3.1 only.
      const { openapiObject } = document as { openapiObject: { paths: object; components: object } };
      const schemas = {};
      const paths = hoistNamed({ ...openapiObject.paths, ...OTHER_PATHS }, schemas);
      return { ...openapiObject, paths, components: { ...openapiObject.components, schemas } } as object;
    },
  });
}
