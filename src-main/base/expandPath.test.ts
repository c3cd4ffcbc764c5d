import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { expandHome } from '../ssh/transport/homePath.ts';
import { expandPath } from './expandPath.ts';

test.each([
  ['k.pub', { npm_lifecycle_event: 'sallyport', INIT_CWD: '/home/op' }, '/home/op/k.pub'],
  ['../k.pub', { npm_lifecycle_event: 'sallyport', INIT_CWD: '/home/op' }, '/home/k.pub'],
  ['/k.pub', { npm_lifecycle_event: 'sallyport', INIT_CWD: '/home/op' }, '/k.pub'],
  ['k.pub', { npm_lifecycle_event: 'test', INIT_CWD: '/home/op' }, resolve('k.pub')],
  ['k.pub', {}, resolve('k.pub')],
])('%s in %j', (path, environment, expected) => {
  expect(expandPath(path, environment)).toBe(expected);
});

describe('a home folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-home-'));
  const passwd = join(folder, 'passwd');
  writeFileSync(passwd, 'root:x:0:0::/root:/bin/sh\nsvc:x:9:9::/srv/svc:/bin/sh\nempty:x:8:8:::\n');
  mkdirSync(join(folder, 'ada'));
  mkdirSync(join(folder, 'corp.ops'));
  const homes = { passwd, own: { user: 'ada', home: join(folder, 'ada') } };
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['~', '/ada'],
    ['~/.ssh/id', '/ada/.ssh/id'],
    ['~ada/.ssh/id', '/ada/.ssh/id'],
    ['~corp.ops/id', '/corp.ops/id'],
    ['$HOME/id', '/ada/id'],
    ['"~/My Keys/id"', '/ada/My Keys/id'],
  ])('when written as %s, is found', (path, expected) => {
    expect(expandHome(path, homes)).toBe(`${folder}${expected}`);
  });

  test.each([
    ['~svc/id', '/srv/svc/id'],
    ['~no-such-user/id', '~no-such-user/id'],
    ['~empty', '~empty'],
    ['./~/id', './~/id'],
    ['/etc/~/id', '/etc/~/id'],
    ['a~b', 'a~b'],
  ])('when written as %s, gives %s', (path, expected) => {
    expect(expandHome(path, homes)).toBe(expected);
  });

  test('when the list of users lacks root, is root’s own and not beside the others', () => {
    const withoutRoot = join(folder, 'passwd-without-root');
    writeFileSync(withoutRoot, 'svc:x:9:9::/srv/svc:/bin/sh\n');
    mkdirSync(join(folder, 'root'));
    for (const list of [withoutRoot, join(folder, 'no-list')])
      expect(expandHome('~root/.ssh/id', { ...homes, passwd: list })).toBe('/root/.ssh/id');
  });

  test.each(['~etc/id', '~usr', '~no-such-user/id'])('when root writes %s, is not beside root’s', (path) => {
    expect(expandHome(path, { passwd, own: { user: 'root', home: '/root' } })).toBe(path);
  });

  test('is expanded in a path of the command line', () => {
    expect(expandPath('~/k.pub', {})).toBe(join(homedir(), 'k.pub'));
    expect(expandPath("'$HOME/k.pub'", {})).toBe(join(homedir(), 'k.pub'));
    expect(expandPath(`~${userInfo().username}/k.pub`, {})).toBe(join(homedir(), 'k.pub'));
  });
});
