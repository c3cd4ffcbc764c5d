import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import packageFile from '../../package.json' with { type: 'json' };
import { debArchitectures } from './debFile.ts';
import { debNames, packDeb } from './packDebs.ts';

/** The machine that an ELF program is for, as its header numbers it. */
const machines = { x64: 0x3e, arm64: 0xb7 } as const;
const arches = ['x64', 'arm64'] as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-debs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Null if the file is no ELF program. */
function machineOf(path: string): number | null {
  const head = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  return head.toString('latin1', 1, 4) === 'ELF' ? head.readUInt16LE(18) : null;
}

const listed = (root: string) =>
  execFileSync('find', [root, '-type', 'f', '-printf', '%P\\n'], { encoding: 'utf8' }).split('\n');

const billSchema = z.object({ components: z.array(z.object({ name: z.string() })) });

test.each(debNames.flatMap((name) => arches.map((arch) => [name, arch] as const)))(
  'when %s is packed for %s, all native programs are for it, and its bill and notices name what is inside',
  async (name, arch) => {
    const target = { arch, version: packageFile.version };
    const file = await packDeb(name, { target, outputFolder: folder, compression: ['-Znone'] });
    const field = execFileSync('dpkg-deb', ['--field', file, 'Architecture'], { encoding: 'utf8' });
    expect(field.trim()).toBe(debArchitectures[arch]);
    const root = join(folder, `${name}-${arch}`);
    execFileSync('dpkg-deb', ['--extract', file, root]);
    const natives = listed(root).flatMap((path) => {
      const machine = path === '' ? null : machineOf(join(root, path));
      return machine === null ? [] : [{ path, machine }];
    });
    expect(natives.length).toBeGreaterThan(1);
    expect(natives.filter(({ machine }) => machine !== machines[arch])).toEqual([]);
    expect(natives.some(({ path }) => path.endsWith('/node'))).toBe(true);
    const documents = join(root, 'usr/share/doc', name);
    const read = (document: string) => gunzipSync(readFileSync(join(documents, document))).toString();
    const { components } = billSchema.parse(JSON.parse(read('sbom.cdx.json.gz')));
    expect(components.map((component) => component.name)).toContain('node');
    const notices = read('NOTICES.txt.gz');
    expect(notices).toMatch(/^Node\.js \d/mu);
    expect(notices).toMatch(/^zod [\d.]+ \(MIT\)$/mu);
    expect(readFileSync(join(documents, 'copyright'), 'utf8')).toContain('NOTICES.txt.gz');
  },
);
