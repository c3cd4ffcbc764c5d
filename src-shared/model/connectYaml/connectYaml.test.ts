import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../errors.ts';
import { formatRepositoryUri, readRepositoryUri, repositoryUriFaults } from './connectYaml.ts';
import { parseConnectYaml } from './connectYamlLint.ts';

const documented = `appliance: "appliance.example.com:22"
ssh_key: "/etc/connect/ssh_key.priv"
repositories:
    example_group:
        example_webdav: "webdav+http://webdav.example.com:80/"
        example_repo: "smb://samba.example.com:139"
    another:
        dms: "cmis+https://[2001:db8::1]:443/cmisatom"
`;

describe('connect.yaml', () => {
  it('reads the documented example, sorted by group and name', () => {
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

  it('rejects with place and code of the first error and with a list of all errors', () => {
    const broken = documented.replace('webdav+http', 'webdav').replace('samba.example.com:139', 'samba');
    let thrown: unknown = null;
    try {
      parseConnectYaml(broken);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('connect.yaml:5:25: error C-1303: repositories.example_group'),
      detail: { findings: [{ code: 'C-1303' }, { code: 'C-1307' }, { code: 'C-1422' }] },
    });
  });
});

describe('a repository’s URI', () => {
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

  it('when read and written again, is the same', () => {
    fc.assert(
      fc.property(uris, (uri) => {
        expect(readRepositoryUri(formatRepositoryUri(uri))).toEqual(uri);
      }),
    );
  });

  it('when a fault is fixed, gets no other fault', () => {
    const hostile = fc.oneof(
      fc
        .array(
          fc.oneof(
            fc.constantFrom(
              'smb',
              'webdav',
              '+',
              'http',
              '://',
              ':',
              '/',
              '@',
              '[',
              ']',
              '::1',
              'h',
              '443',
              '\\\\',
              ' ',
            ),
            fc.string({ maxLength: 3 }),
          ),
          { maxLength: 9 },
        )
        .map((parts) => parts.join('')),
      fc.tuple(uris, fc.nat(40), fc.string({ maxLength: 2 })).map(([uri, at, put]) => {
        const text = formatRepositoryUri(uri);
        return `${text.slice(0, at)}${put}${text.slice(at + 1)}`;
      }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const faults = repositoryUriFaults(text);
        expect(typeof readRepositoryUri(text) === 'string').toBe(faults.length > 0);
        for (const fault of faults) {
          const others = faults.filter((one) => one !== fault).map(({ code }) => code);
          for (const { value } of fault.fixed) {
            const after = repositoryUriFaults(value).map(({ code }) => code);
            expect(after).not.toContain(fault.code);
            expect(after.filter((code) => !others.includes(code))).toEqual([]);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['http://files.example.com/dav', 'webdav+http://files.example.com/dav'],
    ['webdav://files.example.com:443/', 'webdav+https://files.example.com:443/'],
    ['webdav://files.example.com:80/', 'webdav+http://files.example.com:80/'],
    ['webdav://files.example.com:8080/', 'webdav+http://files.example.com:8080/'],
    ['smb+tcp://files.example.com:445', 'smb://files.example.com:445'],
    ['cifs://files.example.com:445', 'smb://files.example.com:445'],
    ['wbdav+http://files.example.com:80', 'webdav+http://files.example.com:80'],
    ['SMB://files.example.com:445', 'smb://files.example.com:445'],
    ['smb://files.example.com', 'smb://files.example.com:445'],
    ['webdav+https://files.example.com/x', 'webdav+https://files.example.com:443/x'],
    ['\\\\files\\share', 'smb://files:445/share'],
    ['smb:files.example.com:445', 'smb://files.example.com:445'],
    ['smb://bob:secret@files:445', 'smb://files:445'],
    ['smb://2001:db8::1', 'smb://[2001:db8::1]:445'],
    [' smb://files:445', 'smb://files:445'],
    ['webdav+http://files:80?x', 'webdav+http://files:80/?x'],
  ])('when it is %s, the fix is %s', (text, fixed) => {
    expect(repositoryUriFaults(text)[0]?.fixed[0]?.value).toBe(fixed);
  });

  it('when it contains a password, no message repeats it', () => {
    const told = JSON.stringify(
      repositoryUriFaults('smb+x://bob:hunter2@files').map(({ message, fixed }) => [
        message,
        fixed.map(({ title }) => title),
      ]),
    );
    expect(told).not.toContain('hunter2');
  });
});
