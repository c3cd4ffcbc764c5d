import { describe, expect, test } from 'vitest';
import { tlsFactsSchema } from '../../../src-shared/model/tunnels/probe.ts';
import { findMissingCertificate } from './clientCertificate.ts';

const at = '2026-11-20T09:00:00.000Z';
const tls = tlsFactsSchema.parse({
  protocol: 'TLSv1.3',
  subject: 'a.lan',
  issuer: 'a.lan',
  validFrom: at,
  validTo: at,
  selfSigned: true,
  namesHost: true,
});
const find = (status: number, body: string, facts: typeof tls | null = tls) =>
  findMissingCertificate({
    status,
    described: `HTTP ${status} text/html`,
    header: () => '',
    body,
    tls: facts,
    answeredAt: 0,
  });

describe('an answer inside TLS', () => {
  test.each([
    [
      'nginx',
      400,
      '<center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent</center>',
    ],
    ['nginx, for a wrong one', 400, '<title>400 The SSL certificate error</title>'],
    ['nginx with its own status', 496, ''],
    ['nginx with its own status for a wrong one', 495, ''],
    ['Apache', 403, '<p>Reason: Cannot perform Post-Handshake Authentication.<br /></p>'],
    ['IIS', 403, '<h2>403 - Forbidden: Client certificate required.</h2>'],
    ['IIS with details', 403, '<h3>HTTP Error 403.7 - Forbidden</h3>'],
    [
      'IIS in words',
      403,
      'requires your browser to have a Secure Sockets Layer <b>(SSL) client certificate</b>',
    ],
    ['HAProxy', 403, 'A client certificate is required to access this service.'],
    ['a load balancer', 400, '{"error":"client_cert_not_provided"}'],
    ['Tomcat', 403, 'No client certificate chain in this request'],
  ])('when %s refuses with %d, wants a client certificate', (_who, status, body) => {
    expect(find(status, body)).toEqual({
      outcome: 'tls-failed',
      reason: `HTTP ${status} text/html: the service wants a client certificate, and a test has none`,
      cause: 'wants-certificate',
    });
  });

  test.each([
    ['is refused for another reason', 403, '<title>403 Forbidden</title>', tls],
    ['is a bad request', 400, '<title>400 Bad Request</title>', tls],
    ['names a birth certificate', 403, 'No birth certificate was found', tls],
    ['is a page about certificates', 200, 'A client certificate is required', tls],
    ['is missing', 404, 'No required SSL certificate was sent', tls],
    ['comes without TLS', 400, 'No required SSL certificate was sent', null],
  ])('when it %s, is judged by its status', (_what, status, body, facts) => {
    expect(find(status, body, facts)).toBeNull();
  });
});
