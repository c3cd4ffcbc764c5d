import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anInput } from '../../../test-support/anEntry.ts';
import { AppError } from '../../../src-shared/errors.ts';
import type { SshTarget } from '../../../src-shared/model/appliance/applianceEntry.ts';
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

test('when a host key is unknown, advises the command that pins it and keeps the appliance', async () => {
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
        connect: 'always',
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
    const edit = ['appliance', 'edit', 'kiln'];
    const adviceAt = (hop: SshTarget) => describeProblem(services, entry, error(hopNameOf(hop)));
    expect(argumentsOf(adviceAt(second))).toEqual([
      ...edit,
      '--jump-host-key',
      fingerprint('J'),
      '--jump-host-key',
      fingerprint('N'),
    ]);
    const pin = [...edit, '--host-key', fingerprint('N')];
    expect(argumentsOf(adviceAt(entry.target))).toEqual(pin);
    expect(adviceAt(entry.target)).not.toContain('appliance remove');
    const key = { type: '', fingerprint: fingerprint('N') };
    const { id, createdAt: _, locked: __, ...input } = entry;
    await services.appliances.edit(id, input, {
      hostKeys: { hostKey: null, jumpHostKeys: [null, key] },
    });
    expect(services.inventory.get(id)).toEqual(entry);
    expect(services.inventory.pinned(second)).toMatchObject(key);
    const [record] = services.audit.actions({ before: null, limit: 1, query: '' }).actions;
    expect(record?.start).toMatchObject({
      event: 'hostKey.accept',
      object: 'kiln',
      detail: `host key gate.example:22 ${fingerprint('N')}`,
    });
    await expect(
      services.appliances.edit(
        id,
        { ...input, group: 'labs' },
        { hostKeys: { hostKey: key, jumpHostKeys: [] } },
      ),
    ).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' });
    expect(services.inventory.get(id).group).toBe(entry.group);
  } finally {
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each([
  ['known', 'known_hosts has this key: k, line 3.'],
  ['different', 'known_hosts has another key for this host: k, line 3.'],
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
