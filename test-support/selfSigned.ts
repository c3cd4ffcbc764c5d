import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a key and a certificate of its own for `host`, valid for 90 days. */
export function makeSelfSigned(host: string): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tls-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  // Clients accept an address only as an alternative name.
  const names = isIP(host) === 0 ? [] : ['-addext', `subjectAltName=IP:${host}`];
  const subject = ['-subj', `/CN=${host}`, ...names, '-days', '90'];
  try {
    execFileSync('openssl', ['req', '-x509', ...newKey, ...subject, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
