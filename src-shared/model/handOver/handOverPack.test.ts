import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectKeyPath } from '../connectYaml/deployments.ts';
import {
  formatEndpoint,
  formatRepositoryUri,
  type ConnectConfiguration,
} from '../connectYaml/connectYaml.ts';
import { generateConnectYaml, type ConnectYamlForm } from '../connectYaml/connectYamlGenerate.ts';
import { lintConnectYaml } from '../connectYaml/connectYamlLint.ts';
import { handOverPack } from './handOverPack.ts';
import type { HandOverSite } from './handOverSite.ts';

const fingerprint = `SHA256:${'k'.repeat(43)}`;
const site: HandOverSite = {
  clientId: 'northwind',
  address: 'connect.operator.example:2022',
  runs: 'container',
  hostKey: fingerprint,
  ports: [{ first: 2240, last: 2241 }],
  repositories: [
    { group: 'docs', repository: 'share', uri: 'smb://files.nw.lan:445' },
    { group: 'docs', repository: 'dav', uri: 'webdav+https://[2001:db8::7]:443/dav' },
  ],
};

function textOf(name: string, change: Partial<HandOverSite> = {}): string {
  const file = handOverPack({ ...site, ...change })?.find((one) => one.name === name);
  if (file === undefined) throw new Error(`there is no ${name}`);
  return file.text;
}

function formOf(configuration: ConnectConfiguration): ConnectYamlForm {
  return {
    ...configuration,
    appliance: formatEndpoint(configuration.appliance),
    repositories: configuration.repositories.map(({ group, repository, uri }) => ({
      group,
      repository,
      uri: formatRepositoryUri(uri),
    })),
  };
}

describe('the handover pack', () => {
  it('contains a connect.yaml without findings for the place where it will run', () => {
    const { configuration, findings } = lintConnectYaml(textOf('connect.yaml'), {
      runs: 'container',
      allottedPorts: 2,
      hostKey: fingerprint,
    });
    expect(findings.map(({ code }) => code)).toEqual([]);
    expect(configuration?.hostKey).toBe(fingerprint);
    expect(configuration?.repositories.map(({ uri }) => formatRepositoryUri(uri))).toEqual([
      'webdav+https://[2001:db8::7]:443/dav',
      'smb://files.nw.lan:445',
    ]);
  });

  it.each([
    ['container', ['README.txt', 'connect.yaml', 'run.txt', 'firewall.txt']],
    ['service', ['README.txt', 'connect.yaml', 'run.txt', 'firewall.txt']],
    ['openssh', ['README.txt', 'run.txt', 'firewall.txt']],
  ] as const)('when created twice for a %s, is identical and contains no key', (runs, names) => {
    const files = handOverPack({ ...site, runs });
    expect(files?.map(({ name }) => name)).toEqual(names);
    expect(handOverPack({ ...site, runs })).toEqual(files);
    const all = JSON.stringify(files);
    expect(all).not.toMatch(/PRIVATE KEY|BEGIN |ssh-ed25519 AAAA/u);
    expect(all).not.toMatch(/undefined|null|\[object/u);
  });

  it('mounts the key where connect.yaml looks for it', () => {
    expect(textOf('run.txt')).toContain(`/ssh_key.priv:${connectKeyPath}:ro"`);
    expect(textOf('connect.yaml')).toContain(`ssh_key: "${connectKeyPath}"`);
  });

  it.each(['container', 'service'] as const)('checks connect.yaml before it starts a %s', (runs) => {
    const run = textOf('run.txt', { runs });
    const [first = ''] = run.split('\n');
    // The first line names the folder in which to run all commands, and every file that must be in it.
    for (const needed of ['connect.yaml', 'ssh_key.priv', 'sallyport-connect-VERSION.tgz'])
      expect(first).toContain(needed);
    const places = [
      /sallyport-connect-\*\.tgz/u,
      / lint/u,
      /^docker run .*\n +-d |^service kloudless_connect restart$/mu,
      /for later/u,
      / status$/mu,
    ];
    const found = places.map((place) => run.search(place));
    expect(found).not.toContain(-1);
    expect(found).toEqual(found.toSorted((left, right) => left - right));
    // A comment mentions Podman. Commands for it would be a second way to do the same, so there are none.
    expect(run).not.toMatch(/^podman/mu);
    expect(textOf('README.txt', { runs })).not.toMatch(/^ +connect (lint|status)/mu);
  });

  it('says how many services fit, and if the file contains none yet', () => {
    expect(textOf('README.txt')).toContain('You have 2 ports on the appliance; each service takes one.');
    expect(textOf('README.txt', { ports: [] })).not.toContain('You have');
    for (const runs of ['container', 'service', 'openssh'] as const)
      expect(textOf('README.txt', { runs, repositories: [] })).toContain('names none yet');
  });

  it('forwards the repositories to the ports of the tenant in the order of Connect', () => {
    const line = textOf('run.txt', { runs: 'openssh' });
    expect(line).toContain(`-R '127.0.0.1:2240:[2001:db8::7]:443'`);
    expect(line).toContain(`-R '127.0.0.1:2241:files.nw.lan:445'`);
    expect(line).toContain('connect@connect.operator.example');
    expect(textOf('run.txt', { runs: 'openssh', ports: [] })).toContain('PORT_1');
    expect(line.match(/^ssh /gmu)).toHaveLength(1);
    expect(textOf('README.txt', { runs: 'openssh' })).toContain('at most 4 connections at a time');
  });

  it('lists what the firewall must allow', () => {
    const sheet = textOf('firewall.txt');
    for (const address of ['connect.operator.example:2022', 'files.nw.lan:445', '[2001:db8::7]:443'])
      expect(sheet).toMatch(new RegExp(`TCP +${address.replaceAll(/[[\].]/gu, '\\$&')} `, 'u'));
  });

  it('when no host key is pinned, says how to compare it', () => {
    expect(textOf('README.txt', { hostKey: null })).toContain('compare the fingerprint');
    expect(textOf('README.txt')).toContain(fingerprint);
  });

  it.each([
    { address: 'no-port.example' },
    { address: 'bad address:22' },
    { address: 'x:22\nssh_key: /etc/passwd' },
    { repositories: [{ group: 'docs', repository: 'x', uri: 'ftp://files:21' }] },
    { ports: [{ first: 2200, last: 2200 }] },
  ])('rejects %j', (change) => {
    expect(handOverPack({ ...site, ...change })).toBeNull();
  });
});

function by(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

describe('a generated connect.yaml', () => {
  const names = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.constantFrom(
      '007',
      'null',
      'true',
      '1e3',
      '- a',
      'a: b',
      '#c',
      "it's",
      '"',
      '~',
      '{a',
      '*x',
      '<<',
      'yes',
    ),
  );
  const uris = fc.record({
    service: fc.constantFrom('webdav' as const, 'cmis' as const),
    scheme: fc.constantFrom('http', 'https'),
    host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
    port: fc.integer({ min: 1, max: 65_535 }),
    path: fc.webPath().map((path) => (path === '' ? '/' : path)),
  });
  const configurations: fc.Arbitrary<ConnectConfiguration> = fc.record({
    appliance: fc.record({ host: fc.domain(), port: fc.integer({ min: 1, max: 2199 }) }),
    sshKey: fc.constantFrom('/etc/kloudless/ssh_key.priv', '/a b/#c: d', '/ключ'),
    hostKey: fc.constantFrom(null, fingerprint),
    bindAddress: fc.oneof(fc.constant(null), fc.ipV4(), fc.ipV6()),
    repositories: fc
      .uniqueArray(fc.record({ group: names, repository: names, uri: uris }), {
        selector: ({ group, repository }) => JSON.stringify([group, repository]),
        maxLength: 8,
      })
      .map((all) => {
        return all.sort(
          (left, right) => by(left.group, right.group) || by(left.repository, right.repository),
        );
      }),
  });

  it('when read, contains the values of the form', () => {
    fc.assert(
      fc.property(configurations, (configuration) => {
        const text = generateConnectYaml(formOf(configuration));
        const { findings, configuration: read } = lintConnectYaml(text);
        // The linter rejects names with invisible characters, even if they came from the site.
        const isNameRefused = findings.some(({ code }) => code === 'C-1201');
        expect(isNameRefused ? configuration : read).toEqual(configuration);
        const others = findings.map(({ code }) => code);
        expect(
          others.filter((code) => !['C-1201', 'C-1204', 'C-1205', 'C-1206', 'C-1422'].includes(code)),
        ).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('when the form contains anything else, the linter reports it', () => {
    const typed = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(typed, typed, typed, (appliance, sshKey, uri) => {
        const text = generateConnectYaml({
          appliance,
          sshKey,
          hostKey: null,
          bindAddress: null,
          repositories: [{ group: 'g', repository: 'r', uri }],
        });
        const codes = lintConnectYaml(text).findings.map(({ code }) => code);
        // Look-alike characters come from the form, so they are reported as such.
        const others = codes.filter((code) => code !== 'C-1017' && code !== 'C-1018');
        expect(others.filter((code) => code < 'C-1101')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
