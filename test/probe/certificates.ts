import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;
const KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const AUTHORITY = 'sipwhy test authority';

export interface CertificateOptions {
  /** Days from now; negative for the past. */
  readonly from?: number;
  readonly to?: number;
  /** Names and addresses that it is for. */
  readonly hosts?: readonly string[];
  readonly issuer?: string;
  readonly subject?: string;
}

/** The authority that signs the others, to be trusted. */
export const authority = certificate({ subject: AUTHORITY, hosts: [] });

/** Makes a certificate, valid for 127.0.0.1 and today unless told otherwise. Its key is the same for all. */
export function certificate(options: CertificateOptions = {}): KeyAndCertificate {
  const { from = -1, to = 30, hosts = ['127.0.0.1'], issuer = AUTHORITY, subject = 'sipwhy test server' } = options;
  const cert = forge.pki.createCertificate();
  cert.publicKey = forge.pki.publicKeyFromPem(KEY.publicKey);
  cert.serialNumber = `01${Math.floor(Math.random() * 0xffffff)
    .toString(16)
    .padStart(6, '0')}`;
  cert.validity.notBefore = new Date(Date.now() + from * DAY_MS);
  cert.validity.notAfter = new Date(Date.now() + to * DAY_MS);
  cert.setSubject(subject === '' ? [] : [{ name: 'commonName', value: subject }]);
  cert.setIssuer([{ name: 'commonName', value: issuer }]);
  const isAuthority = subject === AUTHORITY;
  cert.setExtensions([
    { name: 'basicConstraints', cA: isAuthority },
    ...(isAuthority ? [{ name: 'keyUsage', keyCertSign: true }] : []),
    ...(hosts.length > 0 ? [{ name: 'subjectAltName', altNames: hosts.map(alternativeName) }] : []),
  ]);
  cert.sign(forge.pki.privateKeyFromPem(KEY.privateKey), forge.md.sha256.create());
  return { key: KEY.privateKey, cert: forge.pki.certificateToPem(cert) };
}

function alternativeName(host: string) {
  return /^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
