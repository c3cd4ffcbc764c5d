import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../../test-support/freePorts.ts';
import { startStockBox, type StockBox } from '../../../test-support/stockBox.ts';
import {
  makeCertificate,
  startSilentService,
  startNginx,
  startSmbd,
  type TenantService,
} from '../../../test-support/tenantServices.ts';
import {
  createTenantSite,
  watchAppliance,
  type TenantSite,
  type WatchedAppliance,
} from '../../../test-support/tenantSite.ts';

/** Runs Debian's real services behind tunnels of the real Connect and sshd. */
let appliance: StockBox;
/** The folder with the services' files. */
let folder: string;
let watched: WatchedAppliance;
let site: TenantSite;
const services: TenantService[] = [];

const portsAtOnce = 4;

const cmisDocument = `<?xml version="1.0" encoding="UTF-8"?>
<app:service xmlns:app="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:cmis="http://docs.oasis-open.org/ns/cmis/core/200908/" xmlns:cmisra="http://docs.oasis-open.org/ns/cmis/restatom/200908/">
  <app:workspace><atom:title>plant</atom:title>
    <cmisra:repositoryInfo><cmis:repositoryId>plant</cmis:repositoryId>
    <cmis:cmisVersionSupported>1.1</cmis:cmisVersionSupported></cmisra:repositoryInfo>
  </app:workspace>
</app:service>
`;

function isPorts<Length extends number>(
  ports: readonly number[],
  length: Length,
): ports is readonly number[] & { length: Length } {
  return ports.length === length;
}

/** Starts all services. Resolves with their URIs by name. */
async function startServices(): Promise<Record<string, string>> {
  const root = join(folder, 'www');
  await mkdir(root);
  await writeFile(join(root, 'cmisatom'), cmisDocument);
  const ports = await freePorts(14);
  if (!isPorts(ports, 14)) throw new Error('no ports');
  const [http = 0, tls = 0, expired = 0, future = 0, soon = 0, smb2 = 0, smb3 = 0, closed = 0, mute = 0] =
    ports;
  const [smb1 = 0, old = 0, client = 0, proxied = 0, proxiedTls = 0] = ports.slice(9);
  const certify = (name: string, from: number, to: number) =>
    makeCertificate({ folder, name, host: 'files.localhost', from, to });
  const secured = await Promise.all([
    certify('valid', -1, 365).then((files) => ({ port: tls, files })),
    certify('expired', -30, -1).then((files) => ({ port: expired, files })),
    certify('future', 2, 365).then((files) => ({ port: future, files })),
    certify('soon', -30, 5).then((files) => ({ port: soon, files })),
  ]);
  const [{ files: valid }] = secured;
  const certificateLines = `ssl_certificate ${valid.certificate}; ssl_certificate_key ${valid.key};`;
  const options = 'if ($request_method = OPTIONS) { return 200; }';
  const dav = `location /dav/ { dav_methods PUT DELETE; add_header DAV "1, 2" always; ${options} }`;
  const started = await Promise.all([
    startNginx({
      folder,
      ports: [http, tls, expired, future, soon, old, client, proxied, proxiedTls],
      servers: `server {
  listen 127.0.0.1:${http}; root ${root};
  ${dav}
  location = /moved { return 301 /dav/; }
  location = /secure { return 301 https://files.localhost/dav/; }
  location = /away { return 302 http://dav.example/$request_uri?token=s3cret; }
  location = /signin { return 302 /login; }
  location = /login { default_type text/html; return 200 '<title>Sign in</title><input type="password">'; }
  location = /cmisatom { default_type application/atomsvc+xml; }
  location = /slow { alias ${root}/cmisatom; limit_rate 350; default_type application/atomsvc+xml; }
  location = /nowhere { return 404; }
  location = /broken { return 500; }
  location = /portal { default_type text/html; return 200 '<title>Sign in to the network</title>'; }
  location = /maintenance { add_header Retry-After 120 always; return 503; }
  location = /gateway { proxy_pass http://127.0.0.1:${closed}; }
  location = /forbidden { return 403; }
  location = /locked { add_header WWW-Authenticate 'Basic realm="Alfresco"' always; return 401; }
  location = /libs/granite/core/content/login.html { return 200 '<title>Adobe Experience Manager</title>'; }
}
${secured
  .map(
    ({ port, files }) => `server {
  listen 127.0.0.1:${port} ssl; ssl_certificate ${files.certificate}; ssl_certificate_key ${files.key};
  ${dav}
}`,
  )
  .join('\n')}
server { listen 127.0.0.1:${proxied} proxy_protocol; ${dav} }
server { listen 127.0.0.1:${proxiedTls} ssl proxy_protocol; ${certificateLines} ${dav} }
server {
  listen 127.0.0.1:${old} ssl; ${certificateLines} ${dav}
  ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;
}
server {
  listen 127.0.0.1:${client} ssl; ${certificateLines} ${dav}
  ssl_verify_client on; ssl_client_certificate ${valid.certificate};
}`,
    }),
    startSmbd({ folder, port: smb1, protocols: { least: 'NT1', most: 'NT1' } }),
    startSmbd({ folder, port: smb2, protocols: { least: 'SMB2', most: 'SMB2_10' } }),
    startSmbd({ folder, port: smb3, protocols: { least: 'SMB3', most: 'SMB3' } }),
    startSilentService(mute),
  ]);
  services.push(...started);
  const host = 'files.localhost';
  return {
    dav: `webdav+http://${host}:${http}/dav/`,
    'dav-moved': `webdav+http://${host}:${http}/moved`,
    'dav-tls': `webdav+https://${host}:${tls}/dav/`,
    'dav-no-header': `webdav+http://${host}:${http}/cmisatom`,
    'dav-gone': `webdav+http://${host}:${http}/nowhere`,
    'dav-to-https': `webdav+http://${host}:${http}/secure`,
    'dav-away': `webdav+http://${host}:${http}/away`,
    'dav-signin': `webdav+http://${host}:${http}/signin`,
    'dav-portal': `webdav+http://${host}:${http}/portal`,
    'dav-maintenance': `webdav+http://${host}:${http}/maintenance`,
    'dav-gateway': `webdav+http://${host}:${http}/gateway`,
    'dav-proxied': `webdav+http://${host}:${proxied}/dav/`,
    'tls-proxied': `webdav+https://${host}:${proxiedTls}/dav/`,
    'tls-old': `webdav+https://${host}:${old}/dav/`,
    'tls-client': `webdav+https://${host}:${client}/dav/`,
    'tls-on-smb': `webdav+https://${host}:${smb3}/`,
    smb1: `smb://${host}:${smb1}/share`,
    'dav-on-smb': `webdav+http://${host}:${smb3}/`,
    cmis: `cmis+http://${host}:${http}/cmisatom`,
    'cmis-slow': `cmis+http://${host}:${http}/slow`,
    'cmis-broken': `cmis+http://${host}:${http}/broken`,
    'cmis-forbidden': `cmis+http://${host}:${http}/forbidden`,
    'cmis-on-dav': `cmis+http://${host}:${http}/libs/granite/core/content/login.html`,
    alfresco: `alfresco+http://${host}:${http}/locked`,
    cq5: `cq5+http://${host}:${http}/`,
    'tls-missing': `webdav+https://${host}:${http}/dav/`,
    'tls-unasked': `webdav+http://${host}:${tls}/dav/`,
    'tls-expired': `webdav+https://${host}:${expired}/dav/`,
    'tls-future': `webdav+https://${host}:${future}/dav/`,
    'tls-soon': `webdav+https://${host}:${soon}/dav/`,
    'tls-refused': `webdav+https://${host}:${closed}/dav/`,
    smb2: `smb://${host}:${smb2}`,
    smb3: `smb://${host}:${smb3}`,
    'smb-on-http': `smb://${host}:${http}`,
    'smb-refused': `smb://${host}:${closed}`,
    'smb-mute': `smb://${host}:${mute}`,
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-services-'));
  const [box, repositories] = await Promise.all([startStockBox(), startServices()]);
  appliance = box;
  site = await createTenantSite(appliance, { clientId: 'northwind', quota: 40, repositories });
  watched = await watchAppliance(appliance);
  site.start();
  await watched.waitForCode('northwind', 'T-4000', 'smb3');
  // A few at a time, so that a busy computer does not make all services slow.
  const ports = watched.tunnels('northwind').flatMap(({ port }) => port ?? []);
  for (let at = 0; at < ports.length; at += portsAtOnce)
    await Promise.all(
      ports
        .slice(at, at + portsAtOnce)
        .map((port) =>
          watched.services.prober.probe({ applianceId: watched.entry.id, clientId: 'northwind', port }),
        ),
    );
});

afterAll(async () => {
  await site.stop();
  await watched.close();
  for (const service of services) await service.stop();
  await appliance.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a tunnel that was probed', () => {
  test.each([
    ['dav', 'T-6000', 'ok', /^WebDAV 1, 2 in/],
    ['dav-moved', 'T-6000', 'ok', /^WebDAV 1, 2 in/],
    ['dav-tls', 'T-6000', 'ok', /TLSv1\.[23], certificate of files\.localhost until/],
    ['cmis', 'T-6000', 'ok', /^CMIS 1\.1, AtomPub in/],
    ['cq5', 'T-6000', 'ok', /^Adobe CQ5 in/],
    ['smb2', 'T-6000', 'ok', /^SMB 2\.1\.0 in/],
    ['smb3', 'T-6000', 'ok', /^SMB 3\.1\.1 in/],
    ['alfresco', 'T-6010', 'ok', /^Alfresco in/],
    ['dav-no-header', 'T-6201', 'bad', /no DAV header/],
    ['cmis-on-dav', 'T-6201', 'bad', /no CMIS service document/],
    ['smb-on-http', 'T-6201', 'bad', /HTTP/],
    [
      'tls-unasked',
      'T-6201',
      'bad',
      /HTTP 400 .*; TLS 1\.[23], certificate of files\.localhost; connect\.yaml says http/,
    ],
    [
      'dav-to-https',
      'T-6201',
      'bad',
      /HTTP 301 to https:\/\/files\.localhost\/dav\/; connect\.yaml says http$/,
    ],
    [
      'dav-away',
      'T-6201',
      'bad',
      /HTTP 302 to http:\/\/dav\.example\/\S*\?…; connect\.yaml says files\.localhost/,
    ],
    ['dav-signin', 'T-6201', 'bad', /HTTP 302 to \/login, then HTTP 200 text\/html “Sign in”, a login page/],
    ['dav-portal', 'T-6201', 'bad', /HTTP 200 text\/html “Sign in to the network”, no DAV header/],
    ['dav-maintenance', 'T-6202', 'bad', /^HTTP 503 .*; try again after 120 s$/],
    ['dav-gateway', 'T-6202', 'bad', /^HTTP 502/],
    ['dav-proxied', 'T-6201', 'bad', /HTTP\/1\.1 \d+ .*, but only after a header of the PROXY protocol/],
    [
      'tls-proxied',
      'T-6201',
      'bad',
      /TLS 1\.[23], certificate of files\.localhost, but only after a header of/,
    ],
    ['tls-old', 'T-6101', 'bad', /the service speaks TLS, but/],
    [
      'tls-client',
      'T-6101',
      'bad',
      /HTTP 400 .*No required SSL certificate was sent.*: the service wants a client cert/,
    ],
    ['tls-on-smb', 'T-6101', 'bad', /no TLS, but SMB; connect\.yaml says https/],
    ['smb1', 'T-6201', 'bad', /^answered: SMB 1 only; SMB 2 or later is needed$/],
    ['dav-gone', 'T-6203', 'bad', /HTTP 404/],
    ['cmis-broken', 'T-6202', 'bad', /HTTP 500/],
    ['cmis-forbidden', 'T-6202', 'bad', /HTTP 403/],
    ['cmis-slow', 'T-6301', 'warn', /in [1-9]\.\d s/],
    ['tls-missing', 'T-6101', 'bad', /it sent HTTP/],
    ['tls-expired', 'T-6102', 'bad', /expired/],
    ['tls-future', 'T-6102', 'bad', /not valid before/],
    ['tls-soon', 'T-6103', 'warn', /^WebDAV/],
    ['tls-refused', 'T-6001', 'bad', /connection closed after \d+ ms(?:, no data|; Connect)/],
    ['smb-refused', 'T-6001', 'bad', /connection closed after \d+ ms(?:, no data|; Connect)/],
    // smbd takes the HTTP request for the length of a message and waits for the rest.
    ['dav-on-smb', 'T-6201', 'bad', /^answered: SMB; connect\.yaml says http$/],
    ['smb-mute', 'T-6002', 'bad', /no answer within/],
  ] as const)('towards %s is %s', (repository, code, tone, evidence) => {
    const tunnel = watched.tunnel('northwind', repository);
    expect(tunnel).toMatchObject({ code, tone });
    expect(tunnel?.layers[5]?.evidence).toMatch(evidence);
    expect(tunnel?.layers[4]).toMatchObject({ state: 'ok', code: 'T-5000' });
  });

  test.each([
    ['dav-portal', 'Does a proxy, a firewall or a login page of the network answer?'],
    ['dav-maintenance', 'answers that it is not available now.'],
    ['dav-gateway', 'Does the service behind it run'],
    ['dav-proxied', 'Can connect.yaml name a port without it?'],
    ['tls-proxied', 'Can connect.yaml name a port without it?'],
    ['cmis-broken', 'What does the log of that service say?'],
  ] as const)('towards %s tells the customer what to check', async (repository, check) => {
    const { port = null } = watched.tunnel('northwind', repository) ?? {};
    const place = { applianceId: watched.entry.id, clientId: 'northwind', port };
    const diagnosis = await watched.services.ports.diagnose(place);
    expect(diagnosis).toMatchObject({ side: 'tenant', forCustomer: expect.stringContaining(check) });
  });
});
