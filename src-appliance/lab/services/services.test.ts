import type { RepositoryService } from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { negotiateRequest, readDialect } from './smb.ts';
import type { LabRepository } from '../fleetPlan.ts';
import { startService, type RunningService } from './start.ts';

let folder = '';
const running: RunningService[] = [];

async function start(
  service: RepositoryService,
  change: Partial<Pick<LabRepository, 'scheme' | 'condition'>> = {},
): Promise<RunningService['uri']> {
  const scheme = service === 'smb' ? null : 'http';
  const plan = {
    group: 'plant',
    repository: service,
    service,
    scheme,
    condition: 'answers',
    ...change,
  } as const;
  const started = await startService({ ...plan, clientId: 'acme', folder });
  running.push(started);
  return started.uri;
}
async function ask(service: RepositoryService, options: { method: string; path: string }): Promise<Response> {
  const { port } = await start(service);
  return fetch(`http://127.0.0.1:${port}${options.path}`, { method: options.method });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
});
afterAll(async () => {
  for (const { close } of running) close();
  await rm(folder, { recursive: true });
});

describe('the services of the lab', () => {
  it('WebDAV lists its folders and returns its files', async () => {
    const options = await ask('webdav', { method: 'OPTIONS', path: '/' });
    expect([options.status, options.headers.get('dav')]).toStrictEqual([200, '1']);
    const listing = await ask('webdav', { method: 'PROPFIND', path: '/reports/' });
    expect(listing.status).toBe(207);
    expect(await listing.text()).toContain('<D:href>/reports/2026-11.csv</D:href>');
    const file = await ask('webdav', { method: 'GET', path: '/reports/2026-11.csv' });
    expect(await file.text()).toContain('2026-11-02,1,4166');
  });

  it.each([
    ['GET', '/nothing', 404],
    ['GET', '/%2e%2e%2f%2e%2e%2fetc/passwd', 400],
    ['GET', '/%ff', 400],
    ['DELETE', '/README.txt', 405],
  ])('WebDAV answers %s %s with %i', async (method, path, status) => {
    expect((await ask('webdav', { method, path })).status).toBe(status);
  });

  it('CMIS and Alfresco return their service documents', async () => {
    for (const service of ['cmis', 'alfresco'] as const) {
      const { path } = await start(service);
      const answer = await ask(service, { method: 'GET', path });
      expect(answer.headers.get('content-type')).toBe('application/atomsvc+xml');
      expect(await answer.text()).toContain('<cmis:repositoryId>acme</cmis:repositoryId>');
    }
  });

  it('when TLS is used, the certificate names the host and openssl can read it', async () => {
    const { port, host, path } = await start('alfresco', { scheme: 'https' });
    const socket = connectTls({ host: '127.0.0.1', port, servername: host, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate();
    expect(certificate?.checkHost(host)).toBe(host);
    expect(certificate?.verify(certificate.publicKey)).toBe(true);
    expect(Date.parse(certificate?.validTo ?? '')).toBeGreaterThan(Date.now());
    // The certificate is well-formed if a client that trusts it accepts the connection.
    const trusting = connectTls({
      host: '127.0.0.1',
      port,
      servername: host,
      ca: certificate?.toString() ?? '',
    });
    await once(trusting, 'secureConnect');
    expect(trusting.authorized).toBe(true);
    trusting.write(`GET ${path} HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
    const [answer] = await once(trusting, 'data');
    expect(String(answer)).toContain('HTTP/1.1 200');
    trusting.destroy();
    socket.destroy();
  });

  it('when a service is slow, it answers late; when it refuses, its port is closed', async () => {
    const { port } = await start('webdav', { condition: 'slow' });
    const begun = performance.now();
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThan(2000);
    const { port: closed } = await start('webdav', { condition: 'refuses' });
    const socket = connect(closed, '127.0.0.1');
    const [error] = await once(socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('when a client speaks SMB, the newest dialect is chosen; any other client is disconnected', async () => {
    const { port } = await start('smb');
    const client = connect(port, '127.0.0.1');
    client.write(negotiateRequest());
    const [answer] = await once(client, 'data');
    expect(readDialect(Buffer.from(answer))).toBe('3.0.2');
    client.destroy();
    const stranger = connect(port, '127.0.0.1');
    stranger.on('error', () => undefined);
    stranger.write('GET / HTTP/1.1\r\n\r\n');
    await once(stranger, 'close');
    expect(stranger.destroyed).toBe(true);
  });
});
