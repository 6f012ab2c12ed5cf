import type { FastifyHelmetOptions, FastifyHelmetRouteOptions } from '@fastify/helmet';

/**
 * What browsers are told of every answer of the API and the page. Nothing that supposes HTTPS: the service itself speaks
 * plain HTTP, and a browser that remembers HSTS for the host would not find it any more.
 */
export const SECURITY_HEADERS: FastifyHelmetOptions = {
  contentSecurityPolicy: false,
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
};

/** The page runs its own files and talks to its own origin, and no text may become code in it. */
export const PAGE_HEADERS: FastifyHelmetRouteOptions = {
  helmet: {
    contentSecurityPolicy: {
      // The defaults have upgrade-insecure-requests.
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
    },
  },
};
