import { expect, test } from 'vitest';
import { completeConnectYaml, helpInConnectYaml } from './completeConnectYaml.ts';

const text = `appliance: kiln-01.example.com:22
repositories:
  headquarters:
    files: smb://files.nw.lan:445
    intranet: "webdav+http://dav.nw.lan:80/"
`;

test.each([
  ['kiln-01', 'appliance', /host:port/u],
  ['files.nw', 'files', /^A repository of SMB\. Usual port: 445\./u],
  ['dav.nw', 'intranet', /WebDAV\. Usual port: http 80, https 443\./u],
])('when the pointer is on %s, the help describes %s', (at, title, meaning) => {
  const help = helpInConnectYaml(text, text.indexOf(at));
  expect(help).toMatchObject({ title, text: expect.stringMatching(meaning) });
  expect(text.slice(help?.from, help?.to)).toContain(at);
});

test('when the pointer is on a group, an unknown key or nothing, there is no help', () => {
  expect(helpInConnectYaml(text, text.indexOf('headquarters'))).toBeNull();
  expect(helpInConnectYaml('other: 1\n', 2)).toBeNull();
  expect(helpInConnectYaml('', 0)).toBeNull();
});

test('when a key is completed, its meaning is shown', () => {
  const options = completeConnectYaml('', 0)?.options ?? [];
  expect(options.find(({ label }) => label === 'ssh_key')?.meaning).toMatch(/private key of the tenant/u);
});
