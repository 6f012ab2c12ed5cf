import { networkInterfaces } from 'node:os';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Environment, shown } from './environment.ts';

/** Which webhooks are forwarded to the operator's application. */
export interface ForwardSettings {
  readonly dialAction:
    | { readonly url: string; readonly timeoutMs: number; readonly fallback: readonly object[] }
    | undefined;
  readonly callStatus: { readonly url: string } | undefined;
}

const Verbs = Compile(Type.Array(Type.Object({ verb: Type.String({ minLength: 1 }) })));

export function forwardFrom(env: Environment): ForwardSettings {
  const { DIAL_ACTION_FORWARD_URL: dialUrl, CALL_STATUS_FORWARD_URL: statusUrl } = env;
  return {
    dialAction:
      dialUrl === undefined
        ? undefined
        : {
            url: dialUrl,
            timeoutMs: env.DIAL_ACTION_FORWARD_TIMEOUT_MS,
            fallback: readVerbs(env.DIAL_ACTION_FALLBACK) ?? [],
          },
    callStatus: statusUrl === undefined ? undefined : { url: statusUrl },
  };
}

/** Faults of these settings beyond the form of each variable. */
export function forwardFaults(env: Environment): string[] {
  const faults: string[] = [];
  for (const name of ['DIAL_ACTION_FORWARD_URL', 'CALL_STATUS_FORWARD_URL'] as const) {
    const text = env[name];
    if (text === undefined) continue;
    if (!URL.canParse(text)) {
      faults.push(`${name} must be an http:// or https:// URL without credentials`);
    } else if (isOwnAddress(new URL(text), env)) {
      faults.push(`${name} must be the URL of your application; the given URL leads back to sipwhy itself`);
    }
  }
  if (!readVerbs(env.DIAL_ACTION_FALLBACK)) {
    faults.push(
      `DIAL_ACTION_FALLBACK must be a JSON array of verbs, such as [{"verb": "hangup"}], got ${shown(env.DIAL_ACTION_FALLBACK)}`,
    );
  }
  return faults;
}

function readVerbs(text: string): object[] | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return Verbs.Check(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** A loop through a proxy or another host name can't be seen here. The Via header stops it at the first repeat. */
function isOwnAddress(url: URL, env: Environment): boolean {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (port !== env.PORT) return false;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return (
    /^(localhost|127(\.\d+){3}|0\.0\.0\.0|::1?)$/.test(host) ||
    host === env.HOST.toLowerCase() ||
    own.some(({ address }) => address === host)
  );
}
