import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anInput } from '../../../test-support/anEntry.ts';
import { AppError } from '../../../src-shared/errors.ts';
import { createServices } from '../../services.ts';
import { hopNameOf } from '../../ssh/transport/hopName.ts';
import { parseTarget } from './target.ts';
import { describeProblem } from './withConsole.ts';

const fingerprint = (letter: string) => `SHA256:${letter.repeat(43)}`;

/** Runs the last line of `text` with a shell, and returns the arguments that the shell passes. */
function argumentsOf(text: string): string[] {
  const line = text.split('\n').at(-1) ?? '';
  const script = `sallyport() { printf '%s\\n' "$@"; }; ${line}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n');
}

test('the command that pins a key adds the appliance again with all its settings and pins', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-complaint-'));
  const services = createServices({ dataFolder: folder, host: 'cli', operator: 'ada' });
  try {
    const keyFile = "/home/ada/my keys/ada's";
    const authentication = { agent: false, keyFile, password: false, keyboardInteractive: false };
    const jumps = ['ops@[::1]:2201', 'ops@gate.example', 'ops@door.example'].map((jump) =>
      parseTarget(jump, authentication),
    );
    const [first, second] = jumps;
    if (first === undefined || second === undefined) throw new Error('no jumps');
    const entry = services.inventory.add(
      {
        name: 'kiln',
        target: parseTarget('root@kiln.example', authentication),
        jumps,
        sudo: 'none',
        legacyAlgorithms: false,
        group: 'north; wing',
        cluster: 'east',
        description: 'the $HOME one',
        tags: [],
        colour: 'none',
      },
      [
        { host: 'kiln.example', port: 22, key: { type: '', fingerprint: fingerprint('T') } },
        { host: '::1', port: 2201, key: { type: '', fingerprint: fingerprint('J') } },
      ],
    );
    const error = (hop: string) =>
      new AppError('HOST_KEY_UNKNOWN', 'The host key is not known yet.', {
        detail: { hop, offered: { type: 'ssh-ed25519', fingerprint: fingerprint('N') }, pinned: null },
      });
    const start = ['appliance', 'add', 'kiln', 'root@kiln.example:22', '--identity', keyFile];
    const hops = jumps.flatMap((jump) => ['--jump', hopNameOf(jump)]);
    const rest = [
      '--sudo',
      'none',
      '--group',
      'north; wing',
      '--cluster',
      'east',
      '--description',
      'the $HOME one',
    ];
    expect(argumentsOf(describeProblem(services, entry, error(hopNameOf(second))))).toEqual([
      ...start,
      '--host-key',
      fingerprint('T'),
      ...hops,
      '--jump-host-key',
      fingerprint('J'),
      '--jump-host-key',
      fingerprint('N'),
      ...rest,
    ]);
    expect(argumentsOf(describeProblem(services, entry, error(hopNameOf(entry.target))))).toEqual([
      ...start,
      '--host-key',
      fingerprint('N'),
      ...hops,
      '--jump-host-key',
      fingerprint('J'),
      ...rest,
    ]);
  } finally {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each([
  ['known', 'known_hosts has this key: k, line 3.'],
  ['different', 'known_hosts has another key: k, line 3.'],
  ['incomplete', 'known_hosts was not read completely, so it can’t confirm this key: k, line 3.'],
])('when known_hosts says %s, the error says so', async (answer, text) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-complaint-'));
  const services = createServices({ dataFolder: folder, host: 'cli', operator: 'ada' });
  try {
    const entry = services.inventory.add(anInput('kiln'), []);
    const error = new AppError('HOST_KEY_UNKNOWN', 'The host key is not known yet.', {
      detail: {
        hop: hopNameOf(entry.target),
        offered: { type: 'ssh-ed25519', fingerprint: fingerprint('N') },
        pinned: null,
        knownHosts: { answer, place: { file: 'k', line: 3 }, hasCertificateAuthority: false },
      },
    });
    expect(describeProblem(services, entry, error).split('\n')[1]).toBe(text);
  } finally {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
