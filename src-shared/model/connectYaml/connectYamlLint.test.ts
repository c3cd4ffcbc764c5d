import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureCpuMs } from '../../../test-support/cpuTime.ts';
import { exampleKeyPath } from './deployments.ts';
import { applyEdits } from './connectYamlFinding.ts';
import { applyAllFixes, applyFix } from './connectYamlFix.ts';
import { lintConnectYaml, maxConnectYaml } from './connectYamlLint.ts';
import type { ConnectYamlContext } from './connectYamlValues.ts';

const pinned = `SHA256:${'a'.repeat(43)}`;
const good = `appliance: "appliance.example.com:22"   # where it is
ssh_key: '/etc/kloudless/ssh_key.priv'
host_key: ${pinned}
repositories:
    example_group:
        # the file server
        files: "smb://files.example.com:445"
        dav: webdav+http://dav.example.com:80/   # old
`;
const container: ConnectYamlContext = { runs: 'container' };

function codesOf(text: string, context: ConnectYamlContext = {}): string[] {
  return lintConnectYaml(text, context).findings.map(({ code }) => code);
}

/** A change of the valid text, the expected code and position, and the expected text after the fix. */
type Case = [
  what: string,
  change: [string, string],
  code: string,
  at: string | null,
  fixed: string | null,
  context?: ConnectYamlContext,
];

const cases: Case[] = [
  ['a tab', ['    example_group:', '\texample_group:'], 'C-1011', '5:1', '    example_group:'],
  ['no space after a colon', ['appliance: ', 'appliance:'], 'C-1015', '1:1', 'appliance: "'],
  [
    'backslashes in quotes',
    ["'/etc/kloudless/ssh_key.priv'", '"/etc\\kloudless\\k"'],
    'C-1016',
    '2:15',
    '"/etc/kloudless/k"',
  ],
  ['a missing closing quote', ['22"', '22'], 'C-1010', null, null],
  ['an alias', [`host_key: ${pinned}`, 'host_key: &a x\nbind_address: *a'], 'C-1014', '4:15', null],
  ['a misspelt key', ['host_key:', 'hostkey:'], 'C-1102', '3:1', 'host_key: '],
  ['a misspelt required key', ['ssh_key:', 'ssh-key:'], 'C-1102', '2:1', 'ssh_key: '],
  ['an unknown key', ['host_key:', 'colour: red\nhost_key:'], 'C-1102', '3:1', null],
  [
    'a key twice',
    ['host_key:', "ssh_key: '/etc/kloudless/ssh_key.priv'\nhost_key:"],
    'C-1103',
    '3:1',
    "priv'\nhost_key",
  ],
  ['a key twice with two values', ['host_key:', 'ssh_key: /x\nhost_key:'], 'C-1103', '3:1', null],
  ['a repository twice', ['dav: webdav', 'files: webdav'], 'C-1103', '8:9', 'files-2: webdav'],
  [
    'no ssh_key',
    ["ssh_key: '/etc/kloudless/ssh_key.priv'\n", ''],
    'C-1104',
    null,
    'ssh_key: /etc/kloudless/ssh_key.priv\n',
  ],
  ['an empty value', [' "appliance.example.com:22"', ''], 'C-1105', '1:1', null],
  ['a number', ["'/etc/kloudless/ssh_key.priv'", '12'], 'C-1106', '2:10', '"12"'],
  ['a list', ["'/etc/kloudless/ssh_key.priv'", '[a]'], 'C-1101', '2:10', null],
  ['a hidden sign in a name', ['files:', '"fi\\u202eles":'], 'C-1201', '7:9', '"files":'],
  ['a zero-width space in a name', ['files:', '"fi\\u200bles":'], 'C-1201', '7:9', '"files":'],
  ['a tag character in a name', ['files:', '"files\\U000E0041":'], 'C-1201', '7:9', '"files":'],
  ['a zero-width space in a URI', ['smb://files', 'smb://fi\u200bles'], 'C-1017', '7:25', 'smb://files'],
  [
    'a repository outside a group',
    ['    example_group:', '    loose: smb://x:445\n    example_group:'],
    'C-1202',
    '5:12',
    '{ loose: "smb://x:445" }',
  ],
  ['groups as a list', ['    example_group:', '    - example_group:'], 'C-1202', null, null],
  ['too many levels', ['files: "', 'files:\n            x: "'], 'C-1203', null, null],
  ['an empty group', ['    example_group:', '    empty: {}\n    example_group:'], 'C-1204', '5:12', null],
  [
    'a destination twice',
    ['        # the', '        again: smb://FILES.example.com:445\n        # the'],
    'C-1205',
    '8:16',
    null,
  ],
  ['names that differ in capitals', ['dav:', 'Files:'], 'C-1206', '8:9', null],
  ['more repositories than ports', ['', ''], 'C-1207', '8:9', null, { allottedPorts: 1 }],
  ['no URI', ['smb://files.example.com:445', 'files'], 'C-1301', '7:16', null],
  ['an unknown service', ['smb:', 'sbm:'], 'C-1302', '7:16', '"smb://files'],
  ['no scheme', ['webdav+http:', 'webdav:'], 'C-1303', '8:14', 'webdav+http:'],
  ['two schemes', ['smb:', 'smb+tcp:'], 'C-1304', '7:16', '"smb://files'],
  ['a password', ['smb://', 'smb://bob:hunter2@'], 'C-1305', '7:16', '"smb://files'],
  ['bare IPv6', ['files.example.com:445', '2001:db8::1'], 'C-1306', '7:16', '[2001:db8::1]:445'],
  ['no port', ['files.example.com:445', 'files.example.com'], 'C-1307', '7:16', 'files.example.com:445'],
  ['a wrong port', [':445', ':99999'], 'C-1308', '7:16', null],
  ['a path without a leading slash', [':445', ':445?a'], 'C-1309', '7:16', ':445/?a'],
  ['a space', ['smb://files', ' smb://files'], 'C-1310', '7:16', '"smb://files'],
  ['the container itself', ['files.example.com:445', 'localhost:445'], 'C-1311', '7:16', null, container],
  ['an appliance too old', ['smb:', 'smb:'], 'C-1312', '7:16', null, { applianceVersion: '1.8.2' }],
  ['a Connect too old', ['smb:', 'smb:'], 'C-1313', '7:16', null, { connectVersion: '0.9.0' }],
  ['an appliance without port', ['com:22', 'com'], 'C-1401', '1:12', '"appliance.example.com:22"'],
  [
    'an appliance with scheme',
    ['"appliance.', '"https://appliance.'],
    'C-1402',
    '1:12',
    '"appliance.example.com:22"',
  ],
  [
    'an appliance with user',
    ['"appliance.', '"ubuntu@appliance.'],
    'C-1403',
    '1:12',
    '"appliance.example.com:22"',
  ],
  ['a scheme without a host', ['appliance.example.com:22', 'ssh://:2222'], 'C-1402', '1:12', null],
  ['a scheme with two ports', ['appliance.example.com:22', 'ssh://h:2222:33'], 'C-1402', '1:12', null],
  ['a user without a host', ['appliance.example.com:22', 'bob@:22'], 'C-1403', '1:12', null],
  ['an invalid appliance address', ['appliance.example.com', '-x'], 'C-1404', '1:12', null],
  ['a port of tenants', ['com:22', 'com:2200'], 'C-1405', '1:12', 'com:22"'],
  [
    'a relative path',
    ["'/etc/kloudless/ssh_key.priv'", 'keys/me'],
    'C-1411',
    '2:10',
    '/etc/kloudless/ssh_key.priv',
    container,
  ],
  [
    'a home folder',
    ["'/etc/kloudless/ssh_key.priv'", '~/.ssh/id'],
    'C-1412',
    '2:10',
    '/etc/kloudless/ssh_key.priv',
  ],
  [
    'a Windows path',
    ["'/etc/kloudless/ssh_key.priv'", 'C:\\key'],
    'C-1413',
    '2:10',
    '/etc/kloudless/ssh_key.priv',
  ],
  [
    'the published example',
    ['/etc/kloudless/ssh_key.priv', exampleKeyPath],
    'C-1414',
    '2:10',
    "'/etc/kloudless/ssh_key.priv'",
  ],
  [
    'a path with quotes in it',
    ["'/etc/kloudless/ssh_key.priv'", `'"/etc/our keys/k"'`],
    'C-1418',
    '2:10',
    "'/etc/our keys/k'",
  ],
  [
    'a path with escaped spaces',
    ["'/etc/kloudless/ssh_key.priv'", String.raw`/etc/our\ keys/k`],
    'C-1418',
    '2:10',
    '"/etc/our keys/k"',
  ],
  [
    'a path as a file address',
    ["'/etc/kloudless/ssh_key.priv'", 'file:///etc/our%20keys/k'],
    'C-1418',
    '2:10',
    '"/etc/our keys/k"',
  ],
  [
    'a path with spaces around it',
    ["'/etc/kloudless/ssh_key.priv'", '" /etc/k "'],
    'C-1418',
    '2:10',
    '"/etc/k"',
  ],
  ['the public half', ['key.priv', 'key.pub'], 'C-1415', '2:10', "/etc/kloudless/ssh_key'"],
  [
    'an empty path',
    ["'/etc/kloudless/ssh_key.priv'", "''"],
    'C-1416',
    '2:10',
    "'/etc/kloudless/ssh_key.priv'",
  ],
  [
    'the key itself',
    ["'/etc/kloudless/ssh_key.priv'", '"-----BEGIN OPENSSH PRIVATE KEY-----\\nx"'],
    'C-1417',
    '2:10',
    '"/etc/kloudless/ssh_key.priv"',
  ],
  ['a fingerprint with padding', [pinned, `${pinned}=`], 'C-1421', '3:11', pinned],
  ['a fingerprint in MD5', [pinned, '"MD5:aa:bb"'], 'C-1421', '3:11', null],
  [
    'no pinned key',
    [`host_key: ${pinned}\n`, ''],
    'C-1422',
    null,
    `host_key: ${pinned}\nappliance:`,
    { hostKey: pinned },
  ],
  ['another pinned key', [pinned, `SHA256:${'b'.repeat(43)}`], 'C-1423', '3:11', pinned, { hostKey: pinned }],
  ['an invalid bind address', ['host_key:', 'bind_address: eth0\nhost_key:'], 'C-1431', '3:15', null],
];

/** Codes whose fix is only a guess. The tests below don't check the text after such a fix. */
const isGuess = new Set(['C-1205']);

const codes = (text: string) => lintConnectYaml(text).findings.map(({ code }) => code);

describe('the linter of connect.yaml', () => {
  it('has no findings for a valid text', () => {
    expect(
      lintConnectYaml(good, { ...container, applianceVersion: '1.14.4', allottedPorts: 2 }).findings,
    ).toEqual([]);
  });

  it.each(['/etc/kloudless/ssh_key.priv', 'ssh_key.priv', './ssh_key.priv'])(
    'when the key of a container is at %s, has no finding, because the key is mounted there',
    (path) => {
      expect(codesOf(good.replace('/etc/kloudless/ssh_key.priv', path), container)).toEqual([]);
    },
  );

  it.each(cases)('reports %s', (_what, [from, to], code, at, fixed, context = {}) => {
    const text = good.replace(from, to);
    const { findings, configuration } = lintConnectYaml(text, context);
    const finding = findings.find((one) => one.code === code);
    if (finding === undefined) throw new Error(`found ${findings.map((one) => one.code).join(', ')} only`);
    expect(configuration === null).toBe(findings.some(({ severity }) => severity === 'error'));
    expect(at ?? `${finding.line}:${finding.column}`).toBe(`${finding.line}:${finding.column}`);
    expect(finding.fix !== null).toBe(fixed !== null || isGuess.has(code));
    const after = applyFix(text, finding);
    expect(after).toContain(fixed ?? '');
    expect(codesOf(after, context).includes(code)).toBe(finding.fix === null);
    for (const comment of ['# where it is', '# the file server', '# old']) expect(after).toContain(comment);
  });

  it.each([
    ['', 'C-1003'],
    ['\ufeff \n', 'C-1003'],
    ['just words', 'C-1101'],
    [`appliance: ${'x'.repeat(maxConnectYaml)}`, 'C-1001'],
    ['['.repeat(60_000), 'C-1002'],
    ['a: 1\n---\nb: 2\n', 'C-1010'],
  ])('when text %# has several faults, reports all of them', (text, code) => {
    const { configuration, findings } = lintConnectYaml(text);
    expect(configuration).toBeNull();
    expect(findings.map((one) => one.code)).toContain(code);
  });

  it('offers both schemes, first the one that fits the port', () => {
    const [finding] = lintConnectYaml(
      good.replace('webdav+http://dav.example.com:80', 'webdav://dav.example.com:443'),
    ).findings;
    expect([finding?.fix?.title, ...(finding?.otherFixes ?? []).map(({ title }) => title)]).toEqual([
      'Write webdav+https://',
      'Write webdav+http://',
    ]);
  });

  it('when other faults are fixed, keeps line ends and byte order marks', () => {
    const windows = `\ufeff${good.replaceAll('\n', '\r\n')}`;
    const { findings, configuration } = lintConnectYaml(windows);
    expect(findings.map(({ code }) => code)).toEqual(['C-1012', 'C-1013']);
    expect(configuration?.repositories).toHaveLength(2);
    expect(applyAllFixes(windows)).toMatchObject({ text: good, fixed: 2 });
    expect(applyAllFixes(good.replaceAll('\n', '\r\r\n')).text).toBe(good);
  });

  it.each([
    ['a map as a name', good.replace('  example_group:', '?   example_group:')],
    ['two equal unknown keys', good.replace(/(ssh)_(key:.*\n)/u, '$1-$2$1-$2')],
    ['two equal names of hidden characters', good.replace(/files:|dav:/gu, '"f\\u202e":')],
    ['a tag', good.replace('host_key: ', 'host_key: !').replace('ssh_key: ', 'ssh_key: !')],
  ])('%s: each fix removes its finding', (_what, text) => {
    expect(text).not.toBe(good);
    for (const { code, fix, otherFixes } of lintConnectYaml(text).findings)
      for (const one of [fix, ...otherFixes].filter((each) => each !== null)) {
        const left = codes(applyEdits(text, one.edits)).filter((each) => each === code);
        expect(left.length).toBeLessThan(codes(text).filter((each) => each === code).length);
      }
    expect(applyAllFixes(text).lint.findings.filter(({ fix }) => fix?.isSafe === true)).toEqual([]);
  });

  it('when all safe fixes are applied, also fixes what they reveal', () => {
    const broken = good
      .replace('    example_group:', '\texample_group:')
      .replace('smb:', 'sbm+tcp:')
      .replace('files.example.com:445', 'files.example.com')
      .replace("ssh_key: '/etc/kloudless/ssh_key.priv'", 'sshkey: ~/key');
    const { text, lint } = applyAllFixes(broken, container);
    expect(lint.findings).toEqual([]);
    expect(text).toBe(good.replace("'/etc/kloudless/ssh_key.priv'", '/etc/kloudless/ssh_key.priv'));
  });

  const keyPath = "'/etc/kloudless/ssh_key.priv'";
  it.each<[what: string, change: [string, string], context?: ConnectYamlContext]>([
    ['the missing port of an appliance', ['com:22', 'com']],
    [
      'the port of an appliance in a web address',
      ['"appliance.example.com:22', '"https://appliance.example.com'],
    ],
    ['the port after a bare IPv6 address', ['appliance.example.com:22', '2001:db8::1']],
    ['which service speaks HTTP', ['webdav+http', 'http']],
    ['whether a port speaks TLS', ['webdav+http', 'webdav']],
    [
      'the port of an application server',
      ['webdav+http://dav.example.com:80', 'alfresco+http://dav.example.com'],
    ],
    ['the home folder of ~', [keyPath, '~/key']],
    ['the home folder of ~, with plain ssh', [keyPath, '~/key'], { runs: 'openssh' }],
    ['the path of a key on Windows', [keyPath, 'C:\\key']],
    ['the path of a missing key', [`ssh_key: ${keyPath}\n`, '']],
  ])('lets the user decide about %s', (_what, [from, to], context = {}) => {
    const text = good.replace(from, to);
    expect(applyAllFixes(text, context)).toMatchObject({ text, fixed: 0 });
    const [found] = lintConnectYaml(text, context).findings.filter(({ severity }) => severity !== 'info');
    // The fix is still offered to a user who applies fixes one by one.
    expect(found?.fix).toMatchObject({ isSafe: false });
  });

  it.each<[string, string, string]>([
    ['the default port of a URI', 'smb://files.example.com', 'smb://files.example.com:445'],
    ['a share', '//files/share', 'smb://files:445/share'],
  ])('offers a safe fix for %s', (_what, written, meant) => {
    const text = good.replace('smb://files.example.com:445', written);
    expect(applyAllFixes(text).text).toBe(good.replace('smb://files.example.com:445', meant));
  });

  it.each(['"\\\\files\\share"', '"\\\\\\\\files\\share"', '"\\\\\\\\files\\\\my\\share"'])(
    'reads the share %s in its usual meaning',
    (written) => {
      const text = good.replace('"smb://files.example.com:445"', written);
      expect(applyAllFixes(text).lint.findings).toEqual([]);
      expect(applyAllFixes(text).text).toMatch(/"smb:\/\/files:445\/(my\/)?share"/u);
    },
  );

  it.each([
    ['two', '  a:\n    x: smb://x:445\n\ty: smb://y:445\n', '    y: smb://y:445'],
    [
      'two, one level higher',
      '  a:\n    x: smb://x:445\n\tb: { y: "smb://y:445" }\n',
      '  b: { y: "smb://y:445" }',
    ],
    ['only tabs', '\ta:\n\t\tx: smb://x:445\n', '        x: smb://x:445'],
  ])('when a tab is replaced, uses as many spaces as the neighbouring lines: %s', (_what, groups, line) => {
    const text = `appliance: h.example.com:22\nssh_key: /k\nrepositories:\n${groups}`;
    const { text: after, lint } = applyAllFixes(text);
    expect(after).toContain(`\n${line}\n`);
    expect(lint.configuration).not.toBeNull();
  });

  it('when no tab width fits, does not change tabs', () => {
    const text =
      'appliance: h:22\nssh_key: /k\nrepositories:\n   a:\n      x: smb://x:445\n\tb:\n\t y: smb://y:445\n';
    expect(applyAllFixes(text)).toMatchObject({ text, fixed: 0 });
    expect(lintConnectYaml(text).findings).toMatchObject([{ code: 'C-1011', fix: null }]);
  });
});

const signs = fc.string({
  unit: fc.constantFrom(...Array.from('{}[]:-&*!|>"\'%@` \n\t#?,<~=\r\ufeff\u202e\u0000a1')),
});
const lineParts = [...good.split('\n'), ...cases.flatMap(([, [, to]]) => to.split('\n'))];
const anyText = fc
  .array(
    fc.oneof({ arbitrary: fc.constantFrom(...lineParts), weight: 4 }, fc.string({ unit: 'binary' }), signs),
    {
      maxLength: 14,
    },
  )
  .map((parts) => parts.join('\n'));
/** Random variants of the valid text. Most of them are still YAML. */
const nearText = fc
  .array(
    fc.tuple(
      fc.constantFrom(...cases.map(([, change]) => change)),
      fc.nat(good.length),
      fc.oneof(signs, fc.constant('')),
    ),
    {
      maxLength: 5,
    },
  )
  .map((changes) =>
    changes.reduce((text, [[from, to], at, put]) => {
      const changed = text.replace(from, to);
      return put.length > 2 ? changed : changed.slice(0, at) + put + changed.slice(at);
    }, good),
  );
const anyContext = fc.record(
  {
    runs: fc.constantFrom('container' as const, 'service' as const, 'openssh' as const),
    applianceVersion: fc.constantFrom('1.8.2', '1.9.0', '1.14.4', 'x'),
    connectVersion: fc.constantFrom('0.9.0', '1.0.0'),
    allottedPorts: fc.nat(3),
    hostKey: fc.constantFrom(pinned, null),
  },
  { requiredKeys: [] },
);
const hostile = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\t\n]]/v;

function countErrors(text: string, context: ConnectYamlContext): number {
  return lintConnectYaml(text, context).findings.filter(({ severity }) => severity === 'error').length;
}

describe('any text', () => {
  it('is linted without errors; positions are inside the text and messages are safe to show', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearText), anyContext, (text, context) => {
        const { findings, configuration } = lintConnectYaml(text, context);
        const lines = text.split('\n');
        for (const finding of findings) {
          expect(finding.from).toBeGreaterThanOrEqual(0);
          expect(finding.from).toBeLessThanOrEqual(finding.to);
          expect(finding.to).toBeLessThanOrEqual(text.length);
          const { line, column } = finding;
          const isInside = line === null || (column ?? 0) <= (lines[line - 1] ?? '').length + 1;
          expect(isInside && (line ?? 1) <= lines.length).toBe(true);
          const shown = [finding.where, finding.message, finding.fix?.title ?? ''].join('');
          expect(hostile.test(shown)).toBe(false);
          expect(shown).not.toContain('hunter2');
        }
        expect(configuration === null).toBe(findings.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 500 },
    );
  });

  it('when a finding is fixed, the finding disappears and no error is added', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearText), anyContext, (text, context) => {
        const before = lintConnectYaml(text, context);
        const errors = countErrors(text, context);
        for (const finding of before.findings) {
          for (const fix of [finding.fix, ...finding.otherFixes]) {
            if (fix === null) continue;
            const after = applyEdits(text, fix.edits);
            const left = lintConnectYaml(after, context).findings;
            const count = (findings: typeof left): number =>
              findings.filter(({ code }) => code === finding.code).length;
            expect(count(left)).toBeLessThan(count(before.findings));
            // Before the fix, a syntax error may have hidden other errors. Don't count those that appear
            // after it.
            const judged = finding.code < 'C-1100' ? 0 : countErrors(after, context);
            expect(judged).toBeLessThanOrEqual(errors);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('when all fixes are applied, ends', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearText), anyContext, (text, context) => {
        const { text: after, lint } = applyAllFixes(text, context);
        expect(lint).toEqual(lintConnectYaml(after, context));
        expect(lint.findings.filter(({ fix }) => fix !== null && fix.isSafe)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [
      'aliases',
      `a: &a [x, x]\n${Array.from({ length: 2000 }, (_, index) => `b${index}: [*a, *a]`).join('\n')}`,
    ],
    ['levels', '- '.repeat(100_000)],
    ['carriage returns', `${'\r'.repeat(1_000_000)}x\r\n`],
    ['brackets', '['.repeat(250_000)],
    ['commas', `[${','.repeat(39_000)}`],
    ['more commas', `[${','.repeat(250_000)}`],
    ['one megabyte', 'a: b\n'.repeat(200_000)],
    ['keys', Array.from({ length: 20_000 }, (_, index) => `key${index}: v`).join('\n')],
    ['the same key', 'ssh_key: x\n'.repeat(20_000)],
    [
      'repositories',
      `repositories:\n g:\n${Array.from({ length: 9000 }, (_, index) => `  r${index}: sbm://x\n`).join('')}`,
    ],
    ['the same repository', `repositories:\n g:\n${'  r: smb://x:1\n'.repeat(15_000)}`],
    ['tabs', '\t\n'.repeat(120_000)],
    ['backslashes', `a: "${'\\x '.repeat(80_000)}"`],
    ['slashes', `ssh_key: ${'$/'.repeat(100_000)}`],
  ])('when it is hostile %s, is linted and fixed in bounded time', (_what, text) => {
    expect(measureCpuMs(() => applyAllFixes(text, container))).toBeLessThan(40_000);
  });
});
