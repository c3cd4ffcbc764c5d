import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import {
  formatRepositoryUri,
  inspectConnectYaml,
  parseConnectYaml,
  readRepositoryUri,
} from './connectYaml.ts';

const documented = `appliance: "appliance.example.com:22"
ssh_key: "/etc/connect/ssh_key.priv"
repositories:
    example_group:
        example_webdav: "webdav+http://webdav.example.com:80/"
        example_repo: "smb://samba.example.com:139"
    another:
        dms: "cmis+https://[2001:db8::1]:443/cmisatom"
`;

function outcomeOf(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (thrown) {
    return thrown;
  }
}

describe('connect.yaml', () => {
  it('reads what the documentation shows, ordered by group and name', () => {
    const configuration = parseConnectYaml(documented);
    expect(configuration).toStrictEqual({
      appliance: { host: 'appliance.example.com', port: 22 },
      sshKey: '/etc/connect/ssh_key.priv',
      hostKey: null,
      bindAddress: null,
      repositories: [
        {
          group: 'another',
          repository: 'dms',
          uri: { service: 'cmis', scheme: 'https', host: '2001:db8::1', port: 443, path: '/cmisatom' },
        },
        {
          group: 'example_group',
          repository: 'example_repo',
          uri: { service: 'smb', scheme: null, host: 'samba.example.com', port: 139, path: '' },
        },
        {
          group: 'example_group',
          repository: 'example_webdav',
          uri: { service: 'webdav', scheme: 'http', host: 'webdav.example.com', port: 80, path: '/' },
        },
      ],
    });
  });

  it.each([
    ['a: b: c', 1, 'Nested mappings'],
    [documented.replace('smb://samba', 'smb+tcp://samba'), 6, 'smb takes no scheme'],
    [documented.replace('webdav+http', 'webdav'), 5, 'webdav+http:// or webdav+https://'],
    [documented.replace('samba.example.com:139', 'samba.example.com'), 6, 'the port is missing'],
    [documented.replace(':139', ':70000'), 6, 'from 1 to 65535'],
    [documented.replace('smb://samba', 'ftp://samba'), 6, 'unknown service ftp'],
    [documented.replace('smb://samba', 'smb://bob:secret@samba'), 6, 'do not belong'],
    [documented.replace('appliance.example.com:22', 'appliance.example.com'), 1, 'the port is missing'],
    [documented.replace('ssh_key:', 'key:'), 1, 'ssh_key: is missing'],
    [`${documented}host_key: "MD5:aa"\n`, 9, 'SHA256'],
    [`${documented}appliance: "other:22"\n`, 9, 'unique'],
    [`a: &a [x]\nb: *a\n`, 2, 'aliases are not allowed'],
    ['', null, 'must hold appliance'],
    [`appliance: ${'x'.repeat(300 * 1024)}`, null, 'longer than 256 kB'],
    ['- '.repeat(60_000), 1, 'call stack'],
  ])('names the line and the fault of %#', (text, line, message) => {
    const { configuration, problems } = inspectConnectYaml(text);
    expect(configuration).toBeNull();
    expect(problems[0]?.line ?? null).toBe(line);
    expect(problems.map((problem) => `${problem.where}: ${problem.message}`).join('\n')).toContain(message);
    expect(() => parseConnectYaml(text)).toThrow(AppError);
  });

  it('warns of a key it does not know, and goes on', () => {
    const { configuration, problems } = inspectConnectYaml(`${documented}colour: red\n`);
    expect(configuration?.repositories).toHaveLength(3);
    expect(problems).toMatchObject([{ severity: 'warning', line: 9, where: 'colour' }]);
  });

  it('throws nothing but its own error, whatever the text', () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom(...documented.split('\n')),
        fc.string(),
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]:-&*!|>"\'%@` \n\t#?,<~=')) }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(lines, (parts) => {
        const thrown = outcomeOf(() => parseConnectYaml(parts.join('\n')));
        expect(thrown === null || (thrown instanceof AppError && thrown.code === 'INVALID_INPUT')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('writes a URI as it reads it', () => {
    const uris = fc.record({
      service: fc.constantFrom('webdav' as const, 'cmis' as const, 'alfresco' as const, 'cq5' as const),
      scheme: fc.constantFrom('http', 'https'),
      host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 1, max: 65_535 }),
      path: fc.oneof(
        fc.constant(''),
        fc.webPath().map((path) => (path === '' ? '/' : path)),
      ),
    });
    fc.assert(
      fc.property(uris, (uri) => {
        expect(readRepositoryUri(formatRepositoryUri(uri))).toEqual(uri);
      }),
    );
  });
});
