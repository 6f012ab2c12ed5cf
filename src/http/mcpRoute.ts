import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import type { ToolContext } from '../mcp/mcpTools.ts';
import { takeBoundedJson } from './rawBodies.ts';

export interface McpRoute extends ToolContext {
  readonly version: string;
  /** Hooks that may refuse a request. */
  readonly guards: readonly onRequestAsyncHookHandler[];
}

/** `/mcp`: the Model Context Protocol over HTTP, each request by itself, without sessions or streams. */
export async function mcpRoute(app: FastifyInstance, { version, guards, ...context }: McpRoute): Promise<void> {
  for (const guard of guards) app.addHook('onRequest', guard);
  takeBoundedJson(app);
  app.post('/mcp', async (request, reply) => {
    const { mcpServer, WebStandardStreamableHTTPServerTransport } = await protocol();
    const server = mcpServer(version, context);
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' ? [[name, value]] : [],
      );
      // The transport reads only headers and the parsed body; the address is never used.
      const asked = new Request('http://sipwhy/mcp', { method: 'POST', headers });
      const answer = await transport.handleRequest(asked, { parsedBody: request.body });
      const type = answer.headers.get('content-type');
      if (type !== null) reply.type(type);
      return reply.code(answer.status).send(await answer.text());
    } finally {
      await server.close();
    }
  });
}

/** Loaded with the first request: most services never get one. */
async function protocol() {
  const [{ mcpServer }, transport] = await Promise.all([
    import('../mcp/mcpServer.ts'),
    import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'),
  ]);
  return { mcpServer, ...transport };
}
