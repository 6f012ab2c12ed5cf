import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Environment } from './environment.ts';

type AuthorityFile = Pick<Environment, 'TLS_CA_FILE'>;

/** More than any system's own list of authorities, which has 0.3 MB. */
const MAX_BYTES = 10_000_000;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in TLS_CA_FILE, in PEM; none if it isn't set. Throws if the file has none, or a broken one. */
export function authoritiesFrom({ TLS_CA_FILE: file }: AuthorityFile): string[] {
  if (file === undefined) return [];
  const stats = statSync(file);
  if (!stats.isFile() || stats.size > MAX_BYTES) throw new Error('it is not a file, or larger than 10 MB');
  const certificates = readFileSync(file, 'utf8').match(PEM) ?? [];
  if (certificates.length === 0) throw new Error('it has no certificate in PEM');
  for (const certificate of certificates) new X509Certificate(certificate);
  return certificates;
}

export function authorityFaults(env: AuthorityFile): string[] {
  try {
    authoritiesFrom(env);
    return [];
  } catch (error) {
    return [`TLS_CA_FILE must be a file of certificates in PEM, got "${env.TLS_CA_FILE}": ${(error as Error).message}`];
  }
}

/** Trusts these authorities too, in every TLS connection that this thread opens from now on. */
export function trustAuthorities(certificates: readonly string[]): void {
  if (certificates.length === 0) return;
  // Loaded only here, because a thread without connections of its own has no other use for it.
  const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule('node:tls');
  setDefaultCACertificates([...getCACertificates('default'), ...certificates]);
}
