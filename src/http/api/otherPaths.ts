// The routes that validate no schema, because their bodies are kept byte for byte. They are described by hand.

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});
const REFUSED = {
  400: problem('The body isn’t one of Jambonz’s or LiveKit’s. Sending it again doesn’t help.'),
  401: problem('Signature, token or basic credentials are missing or wrong.'),
  413: problem('The body is too large.'),
  503: problem('The webhook could not be written to disk. Send it again.'),
};
const text = (description: string, media: string) => ({
  description,
  content: { [media]: { schema: { type: 'string' } } },
});
const STATUS = {
  call_sid: 'd2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02',
  parent_call_sid: 'c1e3b0f0-6d0d-4f5c-9d55-6f1f7d1f0a01',
  direction: 'outbound',
  from: '+4915112345678',
  to: 'sip:4991874350352@example.sip.livekit.cloud',
  sip_status: 503,
  sip_reason: 'Service Unavailable',
  call_status: 'failed',
};
const body = (description: string, media: string, example: object) => ({
  required: true,
  description,
  content: { [media]: { schema: { type: 'object', additionalProperties: true }, example } },
});
const health = (operationId: string, summary: string, ok: string) => ({
  get: {
    operationId,
    summary,
    description: summary,
    tags: ['operations'],
    security: [],
    responses: {
      200: {
        description: ok,
        content: { 'application/json': { schema: { type: 'object', properties: { status: { type: 'string' } } } } },
      },
      503: { description: 'Not yet, or no longer.' },
    },
  },
});

export const OTHER_PATHS = {
  '/jambonz/call-status': {
    post: {
      operationId: 'receiveCallStatus',
      summary: 'Receive a call status of Jambonz',
      description:
        'The application’s call status hook. Signed with JAMBONZ_WEBHOOK_SECRET, or with basic credentials. Hooks with ws:// or wss:// send the same over a WebSocket at /jambonz/ws, with basic credentials.',
      tags: ['webhooks'],
      security: [{ basic: [] }, {}],
      requestBody: body('As Jambonz sends it.', 'application/json', STATUS),
      responses: { 204: { description: 'The status is on disk, or was before.' }, ...REFUSED },
    },
    get: {
      operationId: 'receiveCallStatusAsQuery',
      summary: 'Receive a call status of Jambonz in the query',
      description: 'For an application whose hook has the method GET. Jambonz can’t sign it.',
      tags: ['webhooks'],
      security: [{ basic: [] }, {}],
      responses: { 204: { description: 'The status is on disk, or was before.' }, ...REFUSED },
    },
  },
  '/jambonz/dial-action': {
    post: {
      operationId: 'receiveDialAction',
      summary: 'Receive the result of a dial',
      description: 'The dial verb’s actionHook. With DIAL_ACTION_FORWARD_URL, the answer is your application’s verbs.',
      tags: ['webhooks'],
      security: [{ basic: [] }, {}],
      requestBody: body('As Jambonz sends it.', 'application/json', {
        ...STATUS,
        dial_call_sid: STATUS.call_sid,
        dial_call_status: 'failed',
        dial_sip_status: 503,
      }),
      responses: {
        200: {
          description: 'The verbs with which the call goes on.',
          content: { 'application/json': { schema: { type: 'array', items: { type: 'object' } }, example: [] } },
        },
        ...REFUSED,
      },
    },
  },
  '/livekit/webhook': {
    post: {
      operationId: 'receiveLiveKitWebhook',
      summary: 'Receive a webhook of LiveKit',
      description: 'The Authorization header has LiveKit’s token, which is verified with LIVEKIT_API_KEY and _SECRET.',
      tags: ['webhooks'],
      security: [],
      requestBody: body('As LiveKit sends it.', 'application/webhook+json', {
        event: 'participant_joined',
        id: 'EV_example',
        createdAt: '1795388341',
      }),
      responses: { 200: { description: 'The webhook is on disk, or was before.' }, ...REFUSED },
    },
  },
  '/mcp': {
    post: {
      operationId: 'askByModelContextProtocol',
      summary: 'Ask by the Model Context Protocol',
      description: 'Tools for language models, which only read. Each request stands for itself.',
      tags: ['reference'],
      requestBody: body('A JSON-RPC message.', 'application/json', { jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      responses: {
        200: { description: 'The answer.', content: { 'application/json': { schema: { type: 'object' } } } },
        202: { description: 'The message needs no answer.' },
        400: problem('The body isn’t a message of the protocol.'),
        401: problem('The token is missing or wrong.'),
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      summary: 'Get the metrics for Prometheus',
      description: 'In OpenMetrics with exemplars, if the Accept header asks for it. Elsewhere with METRICS_LISTEN.',
      tags: ['operations'],
      security: [{ metricsToken: [] }, {}],
      responses: {
        200: text('The metrics.', 'text/plain'),
        401: problem('The token is missing or wrong.'),
      },
    },
  },
  '/healthz': health('getHealth', 'Get whether the process answers', 'It answers.'),
  '/readyz': health('getReadiness', 'Get whether webhooks are accepted and calls are judged', 'They are.'),
} as const;
