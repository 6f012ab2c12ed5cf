import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import { type Logger, pino } from 'pino';
import { maskNumbers } from './core/explain/mask.ts';

const STANDARD_OUTPUT = 1;
/** Standard output is a pipe in a worker thread, but its file descriptor is that of the process. */
const isTerminal = isatty(STANDARD_OUTPUT);

/**
 * Logs JSON lines, or with `auto` on a terminal lines for people. An error is logged by its kind, code, masked message and stack alone: what else a database or an HTTP
 * client attaches to it may hold rows, numbers, headers or URLs.
 */
export function createLogger({
  level,
  format = 'auto',
}: {
  readonly level: string;
  readonly format?: 'auto' | 'json' | 'pretty';
}): Logger {
  const options = { name: 'sipwhy', level };
  if (format === 'json' || (format === 'auto' && !isTerminal))
    return pino({ ...options, serializers: { err: errorText } });
  const isDetailed = level === 'debug' || level === 'trace';
  return pino({ ...options, serializers: { err: isDetailed ? errorText : shortText } }, forPeople(isDetailed));
}

/** Loaded only here: a service seldom logs to a terminal. It writes at once, so that the lines of both threads are in order. */
function forPeople(isDetailed: boolean) {
  const pretty: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty');
  const colorize = isTerminal && !process.env.NO_COLOR;
  const common = { colorize, translateTime: 'HH:MM:ss', sync: true } as const;
  if (isDetailed) return pretty({ ...common, ignore: 'pid,hostname,name' });
  // An error is part of the line.
  const messageFormat = ({ msg, err }: Record<string, unknown>) => (err === undefined ? `${msg}` : `${msg}: ${err}`);
  return pretty({ ...common, ignore: 'pid,hostname,name,err', messageFormat });
}

function shortText(error: unknown): string {
  return error instanceof Error ? plain(error.message).replaceAll(/\s+/g, ' ') : typeof error;
}

function errorText(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack = '', cause } = error;
  const code: unknown = Reflect.get(error, 'code');
  // The stack begins with the message.
  const frames = stack.slice(Math.max(0, stack.search(/^ +at /m)));
  return {
    type: name,
    message: plain(message),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    stack: frames,
    ...(cause instanceof Error && { cause: errorText(cause) }),
  };
}

function plain(message: string): string {
  // A URL's credentials and query are never needed to understand an error.
  return maskNumbers(
    message.replaceAll(/([a-z][a-z\d+.-]*:\/\/)[^\s/@]*@/gi, '$1').replaceAll(/\?[^\s'"]*=[^\s'"]*/g, '?…'),
  );
}
