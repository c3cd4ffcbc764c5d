import { generate } from 'selfsigned';
import { dayMs } from '../../src-shared/base/time.ts';

/** Generates a P-256 key and a self-signed certificate for the host, both as PEM. */
export async function makeCertificate(
  host: string,
  validDays: number,
): Promise<{ key: string; cert: string }> {
  const now = Date.now();
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - Math.abs(validDays) * dayMs - dayMs),
    notAfterDate: new Date(now + validDays * dayMs),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  return { key, cert };
}
