import { type Logger, pino } from 'pino';
import { maskNumbers } from './core/explain/mask.ts';

/**
 * Logs JSON lines. An error is logged by its kind, code, masked message and stack alone: what else a database or an HTTP
 * client attaches to it may hold rows, numbers, headers or URLs.
 */
export function createLogger(level: string): Logger {
  return pino({ name: 'sipwhy', level, serializers: { err: errorText } });
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
