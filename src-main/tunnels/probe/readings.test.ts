import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureCpuMs } from '../../../test-support/cpuTime.ts';
import { readCmis } from './cmisDocument.ts';
import { describeBytes } from './describeBytes.ts';

const atom = (version: string) =>
  `<?xml version="1.0"?><service xmlns="http://www.w3.org/2007/app" xmlns:c="http://docs.oasis-open.org/ns/cmis/core/200908/"><c:cmisVersionSupported>${version}</c:cmisVersionSupported></service>`;

describe('a CMIS service document', () => {
  test.each([
    [atom('1.1'), 'CMIS 1.1, AtomPub'],
    [atom('nonsense'), 'CMIS, AtomPub'],
    [
      JSON.stringify({ plant: { repositoryId: 'plant', cmisVersionSupported: '1.0' } }),
      'CMIS 1.0, browser binding',
    ],
    [
      '<wsdl:definitions targetNamespace="http://docs.oasis-open.org/ns/cmis/ws/200908/">',
      'CMIS, web services',
    ],
    ['<html><title>service</title></html>', null],
    ['<service xmlns="http://www.w3.org/2007/app">any AtomPub</service>', null],
    ['{"plant": 1}', null],
    ['{}', null],
    ['{', null],
    ['', null],
  ])('is recognised, case %#', (body, expected) => {
    expect(readCmis(body)).toBe(expected);
  });

  test('may be cut off anywhere', () => {
    const whole = atom('1.1');
    for (let length = 0; length < whole.length; length += 1)
      expect([null, 'CMIS, AtomPub', 'CMIS 1.1, AtomPub']).toContain(readCmis(whole.slice(0, length)));
  });

  test('of an unknown server takes no time, however it is made', () => {
    const hostile = [
      `<${'a'.repeat(60_000)}`,
      `${'<a:'.repeat(20_000)}service`,
      '['.repeat(30_000),
      `{"a":${'{"a":'.repeat(10_000)}`,
      `cmisVersionSupported${' '.repeat(60_000)}`,
    ];
    for (const body of hostile)
      expect(measureCpuMs(() => expect(readCmis(body)).toBeNull())).toBeLessThan(1_000);
  });

  test('may be any text', () => {
    const text = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const property = fc.property(text, (body) => readCmis(body) === null);
    expect(fc.check(property).counterexample).toBeNull();
  });
});

describe('the beginning of a strange answer', () => {
  test.each([
    ['HTTP/1.1 400 Bad Request\r\nServer: x', 'HTTP: HTTP/1.1 400 Bad Request'],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'SSH: SSH-2.0-OpenSSH_9.2'],
    ['\u0015\u0003\u0001\u0000\u0002\u0002F', 'TLS alert “protocol version”'],
    ['\u0015\u0003\u0003\u0000\u0002\u0002\u00ff', 'TLS alert “255”'],
    ['\u0016\u0003\u0003\u0000', 'TLS'],
    ['\u0083\u0000\u0000\u0001\u0080', 'a NetBIOS session, as on port 139'],
    ['220 mail ready\r\n', 'text: 220 mail ready'],
    ['\u0000\u0000\u0000#\u00ffSMBr', 'SMB 1'],
    ['\u0000\u0000\u0000#\u00feSMB@', 'SMB'],
    ['\u00de\u00ad\u00be\u00ef', 'bytes deadbeef'],
    ['', 'nothing'],
  ])('is named, case %#', (text, expected) => {
    expect(describeBytes(Buffer.from(text, 'latin1'))).toBe(expected);
  });

  test('is short and can’t control the terminal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = describeBytes(Buffer.from(bytes));
        expect(text.length).toBeLessThan(100);
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/u);
      }),
      { numRuns: 3000 },
    );
  });
});
