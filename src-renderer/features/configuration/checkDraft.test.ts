import { describe, expect, test } from 'vitest';
import { checkDraft, keyAt, placeProblems } from './checkDraft.ts';

const mask = '••••••••';
const present = `hostname: box.example
db:
  password: "${mask}"
  port: 5432
nodes:
  - host: a
    token: "${mask}"
`;

describe('checkDraft', () => {
  test('when the draft equals the present configuration, finds nothing', () => {
    expect(checkDraft(present, present)).toEqual([]);
  });

  test.each([
    ['a wrong port', present.replace('5432', '70000'), 'db.port', 4],
    ['a duplicate key', present.replace('  port: 5432', '  port: 1\n  port: 2'), 'db.port', 5],
    ['an anchor', present.replace('db:', 'db: &x'), 'db', 3],
    ['a syntax error', present.replace('nodes:', 'nodes: [') + '}', '', 6],
    ['a mask without a secret', `${present}smtp:\n  password: "${mask}"\n`, 'smtp.password', 9],
    [
      'a mask in another list item',
      present.replace('  - host: a', '  - host: b\n  - host: a'),
      'nodes[1].token',
      8,
    ],
    ['a part of a mask', present.replace(`"${mask}"\n  port`, `x${mask}\n  port`), 'db.password', 3],
    ['a list', '- a\n', '', null],
  ])('when the draft has %s, names its place', (_what, draft, path, line) => {
    const [finding] = checkDraft(draft, present);
    expect(finding).toMatchObject({ path });
    expect(finding?.line).toBe(line);
  });

  test.each([
    ['a key that is nearly a known one', present.replace('port:', 'prot:'), 'db.prot', 4, /mean db\.port/u],
    ['a no-break space in a value', present.replace('box.', 'b\u00a0x.'), '', 1, /no-break space/u],
    ['a Cyrillic letter in a key', present.replace('nodes', 'n\u043edes'), '', 5, /Cyrillic/u],
  ])('when the draft has %s, warns at its line', (_what, draft, path, line, message) => {
    const found = checkDraft(draft, present).filter(({ severity }) => severity === 'warning');
    expect(found).toMatchObject([{ path, line, message: expect.stringMatching(message) }]);
  });

  test('when only a comment has a look-alike, or a key is of another program, finds nothing', () => {
    expect(checkDraft(`${present}# “quoted”\nsmtp:\n  relay: x\n`, present)).toEqual([]);
  });

  test('when the appliance reports an unknown path, keeps the problem without a place', () => {
    expect(placeProblems(present, [{ path: 'api.key', message: 'is missing' }])).toEqual([
      { path: 'api.key', message: 'is missing', severity: 'error', line: null, range: null, fix: null },
    ]);
  });
});

describe('keyAt', () => {
  test.each([
    ['hostname: b', { path: 'hostname', meaning: expect.stringContaining('clients'), isMasked: false }],
    ['  password', { path: 'db.password', meaning: expect.any(String), isSecret: true, isMasked: true }],
    ['  port: 5', { path: 'db.port', meaning: 'The port of the database', isMasked: false }],
    ['    token', { path: 'nodes[0].token', meaning: null, isMasked: true }],
  ])('when the cursor is after %j, describes its key', (before, expected) => {
    expect(keyAt(present, present.indexOf(before) + before.length)).toMatchObject(expected);
  });

  test('when the cursor is inside a block, describes the key of the block', () => {
    const text = 'pki:\n  key: |\n    line one\n    line two\n';
    expect(keyAt(text, text.indexOf('two'))).toMatchObject({ path: 'pki.key', isSecret: true });
  });

  test('when the line has no value, describes nothing', () => {
    expect(keyAt('# note\na: 1\n', 3)).toBeNull();
  });
});
