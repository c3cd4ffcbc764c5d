import { expect, test } from 'vitest';
import { restoreKey } from './restoreKey.ts';

const source = `# The appliance of the north office.
hostname: box.example
db:
  name: platform # as on the old box
  port: 5432
smtp:
  relay:
    host: mail.example
note: |
  two
  lines
`;

test.each([
  ['a changed value', source.replace('5432', '"54x2"'), 'db.port'],
  ['an emptied value', source.replace(' 5432', ''), 'db.port'],
  ['a removed value', source.replace('  port: 5432\n', ''), 'db.port'],
  [
    'a removed value of a map that is gone',
    source.replace(/smtp:[^]*mail.example\n/u, ''),
    'smtp.relay.host',
  ],
  ['a removed block', source.replace(/note: [^]*$/u, ''), 'note'],
  ['an added value', source.replace('port: 5432\n', 'port: 5432\n  user: ada\n'), 'db.user'],
  ['an added map', `${source}proxy:\n  inner:\n    host: proxy.example\n`, 'proxy.inner.host'],
])('when %s is restored, the text is as before', (_what, text, path) => {
  const restored = restoreKey(text, source, path);
  // A map that was gone comes back at the end.
  expect(restored?.split('\n').toSorted()).toEqual(source.split('\n').toSorted());
});

test('when a key is restored, other changes and comments stay', () => {
  const text = source.replace('5432', '1').replace('box.example', 'other.example');
  expect(restoreKey(text, source, 'db.port')).toBe(source.replace('box.example', 'other.example'));
});

test.each([
  ['stands in a map of one line', 'db: { port: 1, host: a }\n', 'db: { port: 1 }\n', 'db.host'],
  ['is in neither text', source, source, 'db.host'],
  [
    'is in a list with others after it',
    'nodes:\n  - a\n  - b\n  - c\n',
    'nodes:\n  - b\n  - c\n',
    'nodes[0]',
  ],
  [
    'was added to the end of a list',
    'db:\n  hosts:\n    - a\n    - b\n',
    'db:\n  hosts:\n    - a\n',
    'db.hosts[1]',
  ],
  [
    'is in an item before which one was added',
    'db:\n  - name: new\n  - name: a\n',
    'db:\n  - name: a\n',
    'db[0].name',
  ],
  ['is in a text that is no YAML', 'db: [\n', source, 'db.port'],
])('when a key %s, nothing is restored', (_what, text, wanted, path) => {
  expect(restoreKey(text, wanted, path)).toBeNull();
});

test('when an item of a list has changed and none has moved, it is restored', () => {
  expect(restoreKey('nodes:\n  - a\n  - x\n', 'nodes:\n  - a\n  - b\n', 'nodes[1]')).toBe(
    'nodes:\n  - a\n  - b\n',
  );
});
