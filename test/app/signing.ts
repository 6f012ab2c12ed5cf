import { createHash, createHmac, randomUUID } from 'node:crypto';

/** Signs a body as Jambonz does at a time in epoch milliseconds; the value of its header. */
export function jambonzSignature(body: string, secret: string, at: number): string {
  const t = Math.floor(at / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

/** Signs a body as LiveKit does with its API key `devkey`; the value of its header. */
export function liveKitToken(body: string, secret: string, at: number, claims: object = {}): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const sha256 = createHash('sha256').update(body).digest('base64');
  const seconds = Math.floor(at / 1000);
  const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: 'devkey', exp: seconds + 300, nbf: seconds, sha256, ...claims })}`;
  return `${token}.${createHmac('sha256', secret).update(token).digest('base64url')}`;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Puts fresh ids in place of those in the bodies of one call: the same for the same one. */
export function freshIds(): (body: string) => string {
  const ids = new Map<string, string>();
  return (body) =>
    body.replaceAll(UUID, (id) => {
      const fresh = ids.get(id) ?? randomUUID();
      ids.set(id, fresh);
      return fresh;
    });
}
