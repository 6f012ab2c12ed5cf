import { Command, Option } from 'commander';
import { commandSettings } from '../settings/commandSettings.ts';
import { VERSION } from '../settings/installation.ts';
import { type Asking, serverOption } from './ask.ts';

export function mcpCommand(asking: Asking): Command {
  return new Command('mcp')
    .description('answer a language model’s questions by the Model Context Protocol, on standard input and output')
    .addOption(serverOption())
    .addOption(
      new Option('--numbers <how>', 'show telephone numbers masked or plain (default: MCP_NUMBERS)').choices([
        'masked',
        'plain',
      ]),
    )
    .option('--json', 'always on: the protocol is JSON', true)
    .addHelpText('after', EXAMPLES)
    .action(async ({ server, numbers }: { server?: string; numbers?: 'masked' | 'plain' }) => {
      // Loaded only here: no other command needs the protocol.
      const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
      const { mcpServer } = await import('../mcp/mcpServer.ts');
      const { showsNumbersToModels } = commandSettings().access;
      const showsNumbers = numbers === undefined ? showsNumbersToModels : numbers === 'plain';
      await asking(server, async (ask) => {
        const ended = Promise.withResolvers<void>();
        const answering = mcpServer(VERSION, { ask, showsNumbers });
        answering.onclose = ended.resolve;
        // The transport doesn't notice that its client is gone.
        process.stdin.once('end', () => void answering.close());
        await answering.connect(new StdioServerTransport());
        await ended.promise;
      });
    });
}

const EXAMPLES = `
Tools: list_incidents, explain_call, search_calls, check_call, audit, causes. They only read.

Examples:
  sipwhy mcp                                   # the store that DATABASE_URL names
  sipwhy mcp --server http://127.0.0.1:8080    # a running service, with API_TOKEN

A running service has the same tools at /mcp over HTTP, with API_TOKEN as the Bearer token.`;
