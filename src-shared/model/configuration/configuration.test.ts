import { describe, expect, test } from 'vitest';
import { compareConfigurations } from './configurationChanges.ts';
import { applyRevision } from './configurationRevision.ts';
import { maskConfiguration, restoreSecrets } from './configurationSecrets.ts';
import { maxConfigurationBytes } from './configurationLimits.ts';
import { readConfiguration } from './configurationYaml.ts';
import { measureCpuMs } from '../../../test-support/cpuTime.ts';

const mask = '••••••••';
const present = `# The appliance of the north office.
hostname: box.example   # as clients see it
license_code: SP-1111-2222-3333
ssl:
  is_configured: true
redis: redis://:r3d1s-pw@localhost:6379/0
db:
  name: platform
  user: platform
  password: 'db pass, with: signs'
  host: db.internal
  port: 5432
  # The old password was hunter2-old.
api:
  secret_key: "api\\tsecret"
  aes_key: 0123456789
devs: {secret_key: devs-secret, note: flow}
pki:
  ca: ca-name
  key: |
    -----BEGIN PRIVATE KEY-----
    pki-body
    -----END PRIVATE KEY-----
extra:
  vendor: vendor-blob
  nodes:
    - host: a.example
      token: 991122
    - plain-item
# copied: vendor-blob
`;
const secrets = [
  'SP-1111-2222-3333',
  'r3d1s-pw',
  'db pass',
  'hunter2-old',
  'api\\tsecret',
  '0123456789',
  'devs-secret',
  'pki-body',
  'ca-name',
  'vendor-blob',
  '991122',
  'plain-item',
];

describe('maskConfiguration', () => {
  test('masks every secret and keeps everything else byte for byte', () => {
    const masked = maskConfiguration(present) ?? '';
    for (const secret of secrets) {
      expect(present).toContain(secret);
      expect(masked).not.toContain(secret);
    }
    for (const line of [
      '# The appliance of the north office.',
      'hostname: box.example   # as clients see it',
      '  is_configured: true',
      '  user: platform',
      `  password: "${mask}"`,
      '  port: 5432',
      `    - host: a.example`,
    ])
      expect(masked.split('\n')).toContain(line);
    expect(readConfiguration(masked).isBroken).toBe(false);
  });

  test.each([
    ['a token instead of a user in an address', 'db:\n  host: https://hunter2@db.example\n'],
    ['a password with a slash in an address', 'redis_host: x\nhosts: redis://:hunter2/x@localhost\n'],
    ['a token in the query of an address', 'hostname: https://a.example/x?a=1&access_token=hunter2\n'],
    ['a signature in the query of an address', 'proxy:\n  host: https://a.example/x?sv=1&sig=hunter2\n'],
    ['a JSON Web Token', 'proxy:\n  user: eyJhbGciOiJIUzI1NiJ9.hunter2.x\n'],
    ['a long number under an unknown name', 'acme:\n  vault: 901234567\n'],
    ['a number under a name of a secret', 'acme:\n  backup_code: 9012\n  otp: 9012\n'],
    ['a token in an address of a comment', 'hostname: a\n# was https://hunter2@a.example\n'],
  ])('masks %s, and restores it', (_what, text) => {
    const masked = maskConfiguration(text) ?? '';
    expect(masked).toContain(mask);
    expect(masked).not.toMatch(/hunter2|9012/u);
    expect(restoreSecrets(masked, text)).toEqual({ text, problems: [] });
  });

  test('shows what an operator looks for: ports, limits, switches, names of hosts and users', () => {
    const text = [
      'hostname: box.example',
      'db: {host: db.example, user: platform, port: 5432}',
      'proxy: {enabled: true, timeout: 1000000, host: proxy.example:3128}',
      'limits: {workers: 16, uploads: 99999}',
      '# The proxy is https://proxy.example/, see page 12.\n',
    ].join('\n');
    expect(maskConfiguration(text)).toBe(text);
  });

  test('when a value repeats the beginning of an address, masking stays fast', () => {
    const text = `hostname: ${'://a?key'.repeat(15_000)}\n`;
    expect(measureCpuMs(() => void maskConfiguration(text))).toBeLessThan(1500);
  });

  test('when the text is no YAML, masks nothing and shows nothing', () => {
    expect(maskConfiguration('db: {password: secret')).toBeNull();
  });

  test.each([
    ['below the depth that is read', `a: ${'{b: '.repeat(18)}{password: hunter2}${'}'.repeat(18)}\n`],
    ['after the values that are read', `k: [1${',1'.repeat(6000)}]\ndb: {password: hunter2}\n`],
    ['in a map that is a name', '? {password: hunter2}\n: 1\n'],
    ['in a list that is a name', '? [hunter2]\n: 1\n'],
    ['that YAML takes for an anchor', 'db:\n  password: &hunter2\n'],
    ['that YAML takes for an alias', 'a: &hunter2 1\ndb:\n  password: *hunter2\n'],
    ['that YAML takes for a tag', 'db:\n  password: !hunter2\n'],
    ['that YAML takes for a map', 'db:\n  password: {hunter2}\n'],
    ['in a value with an unusual tag', 'a: !!binary hunter2\n'],
    ['in a set', 'a: !!set {? hunter2}\n'],
    ['in a directive', '%HUNTER hunter2\n---\nhostname: a\n'],
  ])('when a secret may be %s, shows nothing and names the problem', (_where, text) => {
    expect(maskConfiguration(text)).toBeNull();
    const { problems } = readConfiguration(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test.each([
    ['behind the sign of a block', 'db:\n  password: | # the password\n    hunter2\n'],
    ['behind the sign of a folded block', 'pki:\n  key: >- # hunter2-old\n    hunter2\n# token hunter2\n'],
  ])('masks a comment %s together with the block, and restores both', (_where, text) => {
    const masked = maskConfiguration(text) ?? '';
    expect(masked).toContain(mask);
    expect(masked).not.toContain('hunter2');
    expect(restoreSecrets(masked, text)).toEqual({ text, problems: [] });
  });
});

describe('restoreSecrets', () => {
  test('when the masked text comes back unchanged, restores the file byte for byte', () => {
    expect(restoreSecrets(maskConfiguration(present) ?? '', present)).toEqual({
      text: present,
      problems: [],
    });
  });

  test.each([
    ['another style', `pki: {key: ${mask}}\ndb:\n    password: ${mask}\n`],
    ['JSON', `{"db": {"password": "${mask}"}, "api": {"secret_key": "${mask}", "aes_key": "${mask}"}}`],
    ['a block', `devs:\n  secret_key: >-\n    ${mask}\nhostname: box.example\n`],
  ])('restores the secrets in %s', (_style, candidate) => {
    const { text, problems } = restoreSecrets(candidate, present);
    expect(problems).toEqual([]);
    const held = new Map(readConfiguration(present).values.map(({ path, value }) => [path.join('.'), value]));
    const found = readConfiguration(text ?? '').values;
    expect(found.length).toBeGreaterThan(0);
    for (const { path, value } of found) expect(value).toBe(held.get(path.join('.')));
  });

  test.each([
    ['zeros at the start', '0123456789'],
    ['more digits than JavaScript keeps', '98765432109876543210987654321098'],
    ['an exponent', '1e400'],
    ['zeros at the end', '1.10'],
    ['hexadecimal digits', '0xFFFFFFFFFFFFFFFF'],
  ])('restores a number with %s in another style as it was written', (_what, number) => {
    const { text } = restoreSecrets(`{"api": {"aes_key": "${mask}"}}\n`, `api:\n  aes_key: ${number}\n`);
    expect(text).toBe(`{"api": {"aes_key": ${number}}}\n`);
  });

  test('when a mask is in the comment behind a masked block, restores the block', () => {
    const candidate = `db:\n  password: | # ${mask}[1]\n    ${mask}\n`;
    const { text, problems } = restoreSecrets(candidate, present);
    expect(problems).toEqual([]);
    expect(readConfiguration(text ?? '').values.map(({ value }) => value)).toEqual(['db pass, with: signs']);
  });

  test.each([
    ['of a key that the appliance does not hold', `smtp:\n  password: "${mask}"\n`, 'smtp.password'],
    ['in part', `db:\n  password: "x${mask}"\n`, 'db.password'],
    [
      'of another list item',
      `extra:\n  nodes:\n    - 1\n    - 2\n    - token: "${mask}"\n`,
      'extra.nodes[2].token',
    ],
    ['of a shorter length', `db:\n  password: "••••"\n`, 'db.password'],
    ['of no comment', `hostname: a # ${mask}[9]\n`, ''],
  ])('rejects a mask %s', (_what, candidate, path) => {
    const { text, problems } = restoreSecrets(candidate, present);
    expect(text).toBeNull();
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });
});

describe('readConfiguration', () => {
  const nestedLong = `${Array.from({ length: 9 }, (_, at) => `${' '.repeat(at)}${'\\'.repeat(120)}:`).join('\n')} 1\n`;
  const deepFlow = `a: ${'['.repeat(40)}${']'.repeat(40)}\n`;
  test.each([
    ['duplicate keys', 'db:\n  host: a\n  host: b\n', 'db.host', 'is there twice'],
    ['an alias', 'a: &x 1\nb: *x\n', 'a', 'has an anchor'],
    ['a tag', 'a: !!python/object:os.system x\n', 'a', 'has a tag'],
    ['deep nesting', deepFlow, expect.any(String), 'is nested too deep'],
    ['nesting that exhausts the parser', `a: ${'['.repeat(60_000)}`, '', 'nested too deep'],
    ['nested lists that exhaust the parser', '- '.repeat(60_000), '', 'nested too deep'],
    ['too many values', 'k: [1' + ',1'.repeat(6000) + ']', '', 'has more than 5000 values'],
    ['too many bytes', `#${'x'.repeat(maxConfigurationBytes)}`, '', 'larger than'],
    ['too many bytes of few characters', `#${'é'.repeat(maxConfigurationBytes / 2)}`, '', 'larger than'],
    ['bytes that are not UTF-8', 'hostname: a # B\ufffdro\n', '', 'not UTF-8'],
    ['UTF-16', '\0h\0o\0s\0t\0n\0a\0m\0e\0:\0 \0a', '', 'UTF-16'],
    ['a NUL', 'hostname: a\0\n', '', 'NUL byte'],
    ['a name without a value', 'db: {password}\n', 'db', 'has a name without a value'],
    ['an unknown directive', '%FOO secret-text\n---\na: 1\n', '', 'is not valid YAML'],
    ['two documents', 'a: 1\n---\nb: 2\n', '', 'is not valid YAML'],
    ['a list', '- a\n', '', 'not a map'],
    ['nothing', '', '', 'not a map'],
    ['a wrong port', 'db:\n  port: 70000\n', 'db.port', ''],
    [
      'text for a switch',
      'ssl:\n  is_configured: "secret-text"\n',
      'ssl.is_configured',
      'must be true or false',
    ],
    ['a word for a group', 'api: secret-text\n', 'api', ''],
    ['a list as a name', '[a, b]: 1\n', '', 'as a name'],
    ['a name too long for an answer', `db:\n  ? ${'n'.repeat(3000)}\n  : 1\n`, 'db', 'is too long'],
    ['names too long together', nestedLong, expect.any(String), 'is too long'],
  ])('rejects %s without quoting a value', (_what, text, path, message) => {
    const took = measureCpuMs(() => {
      const { problems } = readConfiguration(text);
      expect(problems[0]).toMatchObject({
        path,
        message: expect.stringContaining(message),
      });
      expect(JSON.stringify(problems)).not.toContain('secret-text');
    });
    expect(took).toBeLessThan(5000);
  });

  test('when aliases would expand to billions of values, ends at once', () => {
    const levels = Array.from(
      { length: 20 },
      (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(9)}]`,
    );
    expect(readConfiguration(`l0: &l0 x\n${levels.join('\n')}\n`).problems[0]?.message).toContain('anchor');
  });

  test('compares numbers digit by digit', () => {
    const [one, other] = ['98765432109876543210987654321098', '98765432109876543210987654321099'];
    expect(compareConfigurations(`api: {aes_key: ${one}}\n`, `api: {aes_key: ${other}}\n`)).toEqual([
      { path: 'api.aes_key', kind: 'changed', before: mask, after: mask },
    ]);
  });

  test.each([
    ['below a name with a dot', 'db: {host: a}\n"db.host": x\n', 'db: {host: b}\n"db.host": x\n', 'db.host'],
    ['in a list', 'n: [{host: a}]\n"n[0]": {host: x}\n', 'n: [{host: b}]\n"n[0]": {host: x}\n', 'n[0].host'],
    ['below an empty name', '"": {host: a}\nhost: x\n', '"": {host: b}\nhost: x\n', '"".host'],
    ['that was a number', 'size: 010\n', 'size: "010"\n', 'size'],
    ['that was nothing', 'host: null\n', 'host: "null"\n', 'host'],
    ['that was a map', 'hosts: {}\n', 'hosts: []\n', 'hosts'],
    ['that is an empty map', 'a: {hosts: {}, port: 1}\n', 'a: {port: 1}\n', 'a.hosts'],
  ])('when a value differs %s, lists it', (_what, before, after, path) => {
    for (const [from, to] of [
      [before, after],
      [after, before],
    ] as const) {
      const changes = compareConfigurations(from, to);
      expect(changes.map((change) => change.path)).toEqual([path]);
      expect(changes[0]?.before).not.toBe(changes[0]?.after);
    }
  });

  test('when a list or map gets its first item, lists only the item', () => {
    expect(compareConfigurations('a: {}\nb: []\n', 'a: {host: x}\nb: [1]\n')).toMatchObject([
      { path: 'a.host', kind: 'added' },
      { path: 'b[0]', kind: 'added' },
    ]);
  });

  test('when a name hides characters, its path shows them', () => {
    const [change] = compareConfigurations('{}', '"a\\nb\\u202e": 1\n');
    expect(change?.path).toBe(String.raw`"a\nb\u202e"`);
  });

  test('keeps unknown keys', () => {
    expect(readConfiguration(present).problems).toEqual([]);
  });
});

describe('applyRevision', () => {
  test('sets, adds and removes keys, and keeps comments and other values', () => {
    const set = { 'ssl.is_configured': false, 'smtp.host': 'mail', 'db.port': null, 'devs.note': 'x: #y' };
    const { text } = applyRevision(present, { revision: 2, set });
    const changes = compareConfigurations(present, text ?? '');
    expect(changes).toEqual([
      { path: 'ssl.is_configured', kind: 'changed', before: 'true', after: 'false' },
      { path: 'db.port', kind: 'removed', before: '5432', after: null },
      { path: 'devs.note', kind: 'changed', before: mask, after: mask },
      { path: 'smtp.host', kind: 'added', before: null, after: 'mail' },
    ]);
    for (const comment of present.match(/#.*/gu) ?? []) expect(text).toContain(comment);
  });

  test.each([['0123456789'], ['98765432109876543210987654321098'], ['1e400'], ['0x1F'], ['1.10'], ['+5']])(
    'keeps the unchanged number %s as it was written',
    (number) => {
      const text = `other:\n  key: ${number} # c\nhostname: a\nlist: [${number}]\n`;
      const set = { hostname: 'b' };
      expect(applyRevision(text, { revision: 2, set }).text).toBe(
        `other:\n  key: ${number} # c\nhostname: b\nlist: [ ${number} ]\n`,
      );
    },
  );

  test.each([['0x1F'], ['1.10'], ['0031']])('writes a new number instead of %s', (number) => {
    const set = { 'other.size': 5432 };
    expect(applyRevision(`other:\n  size: ${number} # c\n`, { revision: 2, set }).text).toBe(
      'other:\n  size: 5432 # c\n',
    );
  });

  test.each([
    ['below a single value', { 'redis.host': 'x' }, 'redis.host'],
    ['with a wrong type', { 'db.port': 'many' }, 'db.port'],
  ])('rejects a key %s', (_what, set, path) => {
    expect(applyRevision(present, { revision: 2, set })).toMatchObject({ text: null, problems: [{ path }] });
  });
});

describe('the names of keys', () => {
  test.each([
    'tokens:\n  a1b2c3d4: admin\n',
    'users:\n  sk_live_4eC39HqLyjWDarjtT1zdp7dc: admin\n',
    'callbacks:\n  "https://ada:hunter2@hook.example/": true\n',
    'sessions:\n  - {eyJhbGciOiJFZERTQSJ9: 1}\n',
    'apiKeys: {4c1d90af-22b7-e6a3-9f31-000000000001: {}}\n',
  ])('when one may be a secret, the file is not shown and the name is not quoted: %j', (text) => {
    const { problems, values } = readConfiguration(text);
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toMatch(/a1b2c3d4|sk_live|hunter2|eyJ|4c1d90af/u);
    expect(values).toEqual([]);
    expect(maskConfiguration(text)).toBeNull();
    expect(compareConfigurations(text, 'hostname: a\n').map(({ path }) => path)).toEqual(['hostname']);
  });

  test.each([
    'hosts:\n  db01.plant-a.example.com: up\n',
    'auth:\n  oauth2client: {name: x}\n',
    'tenants:\n  4c1d90af-22b7-e6a3-9f31-000000000001: {level: 2}\n',
    'pki:\n  ca_key_2026: x\n',
    'ssl:\n  is_configured: true\n',
  ])('when they are plain, the file is shown: %j', (text) => {
    expect(readConfiguration(text).problems).toEqual([]);
    expect(maskConfiguration(text)).not.toBeNull();
  });
});
