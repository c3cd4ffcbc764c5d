import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createLoopbackServers } from '../../../test-support/loopbackServers.ts';
import { makeSelfSigned } from '../../../test-support/selfSigned.ts';
import { probeTunnel } from './probeTunnel.ts';

const { serve, close } = createLoopbackServers();
afterEach(close);
const certificate = makeSelfSigned('files.lan');

const withHttp = (answer: RequestListener) => serve(createHttpServer(answer));
/** A server that passes the first bytes of each connection to `answer` and sends what it returns, then ends. */
const withBytes = (answer: (first: Buffer) => Buffer | string | null) =>
  serve(
    createServer((socket) =>
      socket.once('data', (first: Buffer) => {
        const bytes = answer(first);
        if (bytes !== null) socket.end(bytes);
      }),
    ),
  );
const banner = (text: string) => serve(createServer((socket) => void socket.write(text)));

/** A TLS server that answers every request with WebDAV. */
const withTls = (options: TlsOptions) =>
  serve(
    createTlsServer({ ...certificate, ...options }, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nDAV: 1\r\nContent-Length: 0\r\n\r\n'));
    }),
  );

async function serviceOf(port: number, uri: string) {
  const open = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  return (await probeTunnel({ open, port, uri })).service;
}

const redirecting = (location: string | ((path: string) => string), status = 301) =>
  withHttp((request, response) => {
    const to = typeof location === 'string' ? location : location(request.url ?? '');
    response.writeHead(status, { Location: to }).end();
  });

describe('a redirect', () => {
  const services = ['webdav', 'cmis', 'alfresco', 'cq5'] as const;

  test.each(services)('of %s to https is described with what connect.yaml says', async (service) => {
    const port = await redirecting('https://files.lan/dav/');
    expect(await serviceOf(port, `${service}+http://files.lan:80/dav/`)).toMatchObject({
      outcome: 'wrong-protocol',
      saw: expect.stringMatching(/^HTTP 301 to https:\/\/files\.lan\/dav\/; connect\.yaml says http(?:,|$)/u),
    });
  });

  test.each([
    [
      'another host',
      'https://dav.example/x?token=s3cret',
      'HTTP 302 to https://dav.example/x?…; connect.yaml says files.lan:80',
    ],
    [
      'another host without a scheme',
      '//dav.example/x',
      'HTTP 302 to http://dav.example/x; connect.yaml says files.lan:80',
    ],
    [
      'another port',
      'http://files.lan:8080/dav/',
      'HTTP 302 to http://files.lan:8080/dav/; connect.yaml says port 80',
    ],
    [
      'a host with a password',
      'https://u:pw@dav.example/',
      'HTTP 302 to https://dav.example/; connect.yaml says files.lan:80',
    ],
    ['the same path', '/dav/', 'HTTP 302 to /dav/, which is the same path'],
    ['no web address', 'mailto:x@y.example', 'HTTP 302 to “mailto:x@y.example”, which is no web address'],
    [
      'words that imitate ours',
      'mailto:x", and all is well "',
      'HTTP 302 to “mailto:x’, and all is well ’”, which is no web address',
    ],
    [
      'a path with a session',
      'http://dav.example/x;jsessionid=s3cret/y',
      'HTTP 302 to http://dav.example/x;…/y; connect.yaml says files.lan:80',
    ],
    [
      'the same host as a complete name',
      'http://Files.LAN./dav/',
      'HTTP 302 to /dav/, which is the same path',
    ],
  ])('to %s is described and not followed', async (_what, location, saw) => {
    let count = 0;
    const port = await withHttp((_, response) => {
      count += 1;
      response.writeHead(302, { Location: location }).end();
    });
    expect(await serviceOf(port, 'webdav+http://files.lan:80/dav/')).toMatchObject({
      outcome: 'wrong-protocol',
      saw,
    });
    expect(count).toBe(1);
  });

  test('to the same IPv6 address in another form is followed', async () => {
    const port = await redirecting((path) => (path === '/a' ? 'http://[2001:DB8:0:0::1]/b' : '/b'));
    expect(await serviceOf(port, 'webdav+http://[2001:db8::1]:80/a')).toMatchObject({
      saw: 'HTTP 301 to /b, then HTTP 301 to /b, which is the same path',
    });
  });

  test('in a circle is described', async () => {
    const port = await redirecting((path) => (path === '/a' ? '/b' : '/a'));
    expect(await serviceOf(port, 'webdav+http://files.lan:80/a')).toMatchObject({
      saw: 'HTTP 301 to /b, then HTTP 301 to /a, in a circle',
    });
  });

  test('to a login page is described', async () => {
    const port = await withHttp((request, response) => {
      if (request.url === '/dav/') response.writeHead(302, { Location: '/login?next=%2Fdav%2F' }).end();
      else
        response
          .writeHead(200, { 'Content-Type': 'text/html' })
          .end('<title>Sign in</title><form><input name=p type="password"></form>');
    });
    expect(await serviceOf(port, 'webdav+http://files.lan:80/dav/')).toMatchObject({
      saw: 'HTTP 302 to /login?…, then HTTP 200 text/html “Sign in”, a login page, no DAV header',
    });
  });
});

test.each([
  [
    'text/html',
    '<title>x” is fine, connect.yaml is right “</title>',
    'text/html “x’ is fine, connect.yaml is right ’”',
  ],
  ['all is well', '', '“all is well”'],
  ['text/x" is right; charset=utf-8', '', '“text/x’ is right”'],
])('when a service answers with the type %s and its own words, they are quoted', async (type, body, saw) => {
  const port = await withHttp((_, response) => {
    response.setHeader('Content-Type', type);
    response.end(body);
  });
  const facts = await serviceOf(port, 'webdav+http://files.lan:80/');
  expect(facts).toHaveProperty('saw', expect.stringContaining(`HTTP 200 ${saw}`));
});

/** Answers plain HTTP as nginx does, and TLS as TLS does. */
async function withBoth(plainAnswer: string | null): Promise<number> {
  const tls = await withTls({});
  return serve(
    createServer((socket) => {
      socket.once('data', (first: Buffer) => {
        if (first[0] !== 22) {
          if (plainAnswer === null) socket.destroy();
          else socket.end(plainAnswer);
          return;
        }
        const inner = connect(tls, '127.0.0.1');
        inner.on('error', () => undefined);
        inner.write(first);
        socket.pipe(inner).pipe(socket);
      });
    }),
  );
}

describe('a TLS port that connect.yaml calls http', () => {
  const page = '<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>';
  const spoken = String.raw`TLS 1\.3, certificate of files\.lan; connect\.yaml says http`;

  test.each([
    [
      'is answered with HTTP 400',
      `HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
      'HTTP 400 text/html “400 The plain HTTP request was sent to HTTPS port”, .*; ',
    ],
    ['is closed', null, ''],
    [
      'is answered with an alert',
      '\u0015\u0003\u0003\u0000\u0002\u0002\u000a',
      'TLS alert “unexpected message”; ',
    ],
  ])('when the request %s, is named', async (_how, plainAnswer, before) => {
    const port = await withBoth(plainAnswer);
    const facts = await serviceOf(port, 'webdav+http://files.lan:80/');
    expect(facts).toMatchObject({ outcome: 'wrong-protocol' });
    expect(facts).toHaveProperty('saw', expect.stringMatching(new RegExp(`^${before}${spoken}$`, 'u')));
  });
});

describe('a port that does not speak TLS', () => {
  test.each<[string, () => Promise<number>, RegExp]>([
    ['SSH', () => banner('SSH-2.0-OpenSSH_9.2p1\r\n'), /; it sent SSH: SSH-2\.0-OpenSSH_9\.2p1$/u],
    ['mail', () => banner('220 mail.lan ESMTP\r\n'), /; it sent text: 220 mail\.lan ESMTP$/u],
    [
      'HTTP that answers',
      () => withHttp((_, response) => response.end()),
      /; it sent HTTP: HTTP\/1\.1 400 Bad Request$/u,
    ],
    [
      'HTTP that closes on what it can’t read',
      () => withBytes((first) => (first[0] === 22 ? '' : 'HTTP/1.1 401 Unauthorized\r\n\r\n')),
      /^no TLS, but HTTP: HTTP\/1\.1 401 Unauthorized; connect\.yaml says https$/u,
    ],
    [
      'SMB that closes on what it can’t read',
      () => withBytes((first) => (first[0] === 0 ? smbAnswer(0xfe) : '')),
      /^no TLS, but SMB; connect\.yaml says https$/u,
    ],
  ])('but %s is named', async (_what, start, reason) => {
    const facts = await serviceOf(await start(), 'webdav+https://files.lan:443/');
    expect(facts).toMatchObject({ outcome: 'tls-failed' });
    expect(facts).toHaveProperty('reason', expect.stringMatching(reason));
  });
});

/** The beginning of an SMB answer: SMB 1 with 0xff, later with 0xfe. */
const smbAnswer = (version: number) =>
  Buffer.from([0, 0, 0, 35, version, 0x53, 0x4d, 0x42, ...Array<number>(31).fill(0)]);

const alert = (description: number, level = 2) =>
  withBytes(() => Buffer.from([21, 3, 3, 0, 2, level, description]));

describe('a TLS alert', () => {
  test.each([
    [
      40,
      'TLS alert “handshake failure”: the service speaks TLS, but shares no version or cipher with the test, or wants a client certificate',
    ],
    [70, 'TLS alert “protocol version”: the service speaks TLS, but neither version 1.2 nor 1.3'],
    [
      48,
      'TLS alert “unknown CA”: the service, or something in front of it, checks client certificates, and a test has none',
    ],
    [49, 'TLS alert “access denied”: the service speaks TLS, but refuses this client by a rule of its own'],
    [80, 'TLS alert “internal error”: the service speaks TLS, but failed in the handshake; its log says why'],
    [120, 'TLS alert “no application protocol”: the service speaks TLS, but not HTTP/1.1 inside it'],
    [
      112,
      'TLS alert “unrecognized name”: the service speaks TLS, but knows no host of the name in connect.yaml',
    ],
    [116, 'TLS alert “certificate required”: the service wants a client certificate, and a test has none'],
  ])('with the number %i is named', async (description, reason) => {
    const port = await alert(description);
    expect(await serviceOf(port, 'cmis+https://files.lan:443/')).toMatchObject({
      outcome: 'tls-failed',
      reason,
    });
  });

  test('about the name, when connect.yaml has an address, says that no name was sent', async () => {
    expect(await serviceOf(await alert(112), 'cmis+https://10.0.0.1:443/')).toMatchObject({
      cause: 'unknown-name',
      reason: expect.stringContaining('; connect.yaml has an address, so no name was sent'),
    });
  });

  test('that is only a warning is not the reason', async () => {
    const facts = await serviceOf(await alert(112, 1), 'cmis+https://files.lan:443/');
    expect(JSON.stringify(facts)).not.toContain('knows no host');
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'of a server that wants a client certificate in %s is named',
    async (version) => {
      const port = await withTls({
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: version,
        maxVersion: version,
      });
      const facts = await serviceOf(port, 'webdav+https://files.lan:443/');
      expect(facts).toMatchObject({ outcome: 'tls-failed' });
      expect(facts).toHaveProperty('reason', expect.stringMatching(/client certificate/u));
    },
  );

  test('of a server that knows only an old version says so', async () => {
    const port = await withTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const facts = await serviceOf(port, 'webdav+https://files.lan:443/');
    expect(facts).toMatchObject({ outcome: 'tls-failed' });
    expect(facts).toHaveProperty('reason', expect.stringMatching(/the service speaks TLS, but/u));
  });
});

const isSmb2 = (first: Buffer) => first[4] === 0xfe;

describe('a server that only knows SMB 1', () => {
  test('when it closes on an SMB 2 request, is named', async () => {
    const port = await withBytes((first) => (isSmb2(first) ? '' : smbAnswer(0xff)));
    expect(await serviceOf(port, 'smb://files.lan:445/share')).toEqual({
      outcome: 'wrong-protocol',
      saw: 'SMB 1 only; SMB 2 or later is needed',
      cause: 'old-version',
      tls: null,
    });
  });

  test('when it is silent on an SMB 2 request, is named', async () => {
    const port = await withBytes((first) => (isSmb2(first) ? null : smbAnswer(0xff)));
    expect(await serviceOf(port, 'smb://files.lan:445')).toMatchObject({
      saw: 'SMB 1 only; SMB 2 or later is needed',
    });
  });

  test('when another service closes on both requests, is not claimed', async () => {
    expect(await serviceOf(await withBytes(() => ''), 'smb://files.lan:445')).toMatchObject({
      outcome: 'closed',
      stage: 'protocol',
    });
    const ssh = await banner('SSH-2.0-OpenSSH_9.2p1\r\n');
    expect(await serviceOf(ssh, 'smb://files.lan:445')).toMatchObject({ saw: 'SSH: SSH-2.0-OpenSSH_9.2p1' });
    expect(await serviceOf(await withTls({}), 'smb://files.lan:445')).toMatchObject({
      outcome: 'wrong-protocol',
      saw: expect.stringMatching(/^TLS/u),
    });
  });
});

/** A server that answers only after a header of the PROXY protocol, like nginx with `proxy_protocol`. */
const withProxyHeader = (answer: string) =>
  withBytes((first) => (first.toString('latin1').startsWith('PROXY ') ? answer : ''));

describe('a service that expects a header of the PROXY protocol', () => {
  test.each(['webdav', 'cmis', 'alfresco', 'cq5'] as const)('when it is %s, is named', async (service) => {
    const port = await withProxyHeader('HTTP/1.1 200 OK\r\nDAV: 1\r\n\r\n');
    expect(await serviceOf(port, `${service}+http://files.lan:80/`)).toEqual({
      outcome: 'wrong-protocol',
      saw: 'HTTP: HTTP/1.1 200 OK, but only after a header of the PROXY protocol, which Connect doesn’t send',
      tls: null,
      cause: 'wants-proxy-header',
    });
  });

  test.each([
    ['closes on everything', ''],
    ['answers HTTP 400 to the header', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['answers other bytes to the header', 'ERR unknown command PROXY\r\n'],
  ])('when a service %s, is not claimed', async (_how, answer) => {
    const port = await withProxyHeader(answer);
    expect(await serviceOf(port, 'webdav+http://files.lan:80/')).toMatchObject({ outcome: 'closed' });
  });
});

const withStatus = (status: number, headers: Readonly<Record<string, string>>) =>
  withHttp((_request, response) => void response.writeHead(status, headers).end('<title>Welcome</title>'));

describe('an answer of something in front of the service', () => {
  const html = { 'content-type': 'text/html; charset=utf-8' };

  test.each<[string, number, Readonly<Record<string, string>>, string, RegExp, string | null]>([
    ['a web page', 200, html, 'wrong-protocol', /“Welcome”, no DAV header$/u, 'web-page'],
    ['a login page of a network', 511, html, 'wrong-protocol', /a network asks for a login$/u, 'web-page'],
    ['other content', 200, { 'content-type': 'text/plain' }, 'wrong-protocol', /no DAV header$/u, null],
    ['a proxy’s request to log in', 407, {}, 'fails', /^HTTP 407$/u, 'gateway'],
    ['a proxy without its service', 502, {}, 'fails', /^HTTP 502$/u, 'gateway'],
    ['a proxy whose service is silent', 504, {}, 'fails', /^HTTP 504$/u, 'gateway'],
    ['maintenance', 503, {}, 'fails', /^HTTP 503$/u, 'unavailable'],
    [
      'maintenance until a date',
      503,
      { 'retry-after': 'Sat, 28 Nov 2026 10:00:00 GMT' },
      'fails',
      /^HTTP 503; try again after Sat, 28 Nov 2026 10:00:00 GMT$/u,
      'unavailable',
    ],
    [
      'a limit of requests',
      429,
      { 'retry-after': '30' },
      'fails',
      /^HTTP 429; try again after 30 s$/u,
      'unavailable',
    ],
    ['an error of the service', 500, {}, 'fails', /^HTTP 500$/u, null],
  ])('when it is %s (%i), its cause is known', async (_what, status, headers, outcome, evidence, cause) => {
    const port = await withStatus(status, headers);
    const facts = await serviceOf(port, 'webdav+http://files.lan:80/');
    expect({ cause: null, ...facts }).toMatchObject({ outcome, cause });
    expect(facts).toHaveProperty(outcome === 'fails' ? 'reason' : 'saw', expect.stringMatching(evidence));
  });
});
