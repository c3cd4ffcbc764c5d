import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { billFile, noticesFile } from '../../src-main/base/shippedFiles.ts';
import type { PackageTarget } from './appFolder.ts';
import type { debArchitectures } from './debFile.ts';

/** What a Debian package of Sallyport is made for. */
export type DebTarget = { arch: keyof typeof debArchitectures; version: string };

export const maintainer = 'The Sallyport authors <authors@sallyport.example>';
export const homepage = 'https://sallyport.example/';

/** The time of the last commit in seconds, or what SOURCE_DATE_EPOCH says. */
export function readSourceDate(): number {
  const given = process.env['SOURCE_DATE_EPOCH'];
  return Number(given ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' }).trim());
}

/** The packages that Node's own program needs. */
export const nodeDepends = ['libc6 (>= 2.28)', 'libgcc-s1', 'libstdc++6 (>= 9)'];

export const platformOf = ({ arch }: DebTarget): PackageTarget => ({ platform: 'linux', arch });

/** Writes a file of a package with its folders. */
export function writeFileInRoot(path: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
}

/** Writes a compressed copy. The same content gives the same bytes. */
const writeCompressed = (path: string, content: string | Buffer) =>
  writeFileInRoot(`${path}.gz`, gzipSync(content, { level: 9 }));

/** The day of a changelog as RFC 5322 has it. */
const rfc5322 = (seconds: number) => new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');

/**
 * Writes what Debian asks of a package's documentation: copyright, changelog, licences of what is inside, and the overrides of
 * lintian from `resources/debian`.
 */
export function writeDocumentation(
  root: string,
  options: {
    name: string;
    version: string;
    sourceDate: number;
    licences: ReadonlyMap<string, string | Buffer>;
    /** The folder with the bill of materials and the notices of all that is inside. */
    shipped: string;
    manPages: readonly string[];
    documents: readonly string[];
  },
): void {
  const { documents, licences, manPages, name, shipped, sourceDate, version } = options;
  const folder = join(root, 'usr/share/doc', name);
  const entry = `${name} (${version}) stable; urgency=medium\n\n  * CHANGELOG.md says what changed.\n\n`;
  writeCompressed(join(folder, 'changelog'), `${entry} -- ${maintainer}  ${rfc5322(sourceDate)}\n`);
  writeCompressed(join(folder, 'CHANGELOG.md'), readFileSync('CHANGELOG.md'));
  const contained = [...licences.keys()].map((path) => ` ${path}: licences/${path}.gz\n`).join('');
  writeFileInRoot(
    join(folder, 'copyright'),
    `${readFileSync('LICENSE', 'utf8')}\nThis package contains, with the licences in this folder:\n${contained}
Other packages are parts of its programs: ${noticesFile}.gz names each with its licence, and ${billFile}.gz is
the bill of materials in CycloneDX 1.6.\n`,
  );
  for (const file of [billFile, noticesFile])
    writeCompressed(join(folder, file), readFileSync(join(shipped, file)));
  for (const [path, text] of licences) writeCompressed(join(folder, 'licences', path), text);
  for (const path of manPages) {
    const section = path.slice(-1);
    const page = path.split('/').at(-1) ?? '';
    writeCompressed(join(root, `usr/share/man/man${section}`, page), readFileSync(path));
  }
  for (const path of documents)
    writeCompressed(join(folder, path.split('/').at(-1) ?? ''), readFileSync(path));
  const overrides = `resources/debian/${name}/lintian-overrides`;
  writeFileInRoot(join(root, 'usr/share/lintian/overrides', name), readFileSync(overrides));
}

/** Node's own licence, which names those of its parts. */
export const nodeLicence = () => readFileSync(`node_modules/node-linux-${process.arch}/LICENSE`);

/** The files of a folder whose names end so, as paths in a fixed order. */
export const filesEndingWith = (folder: string, ending: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));

/** Copies a file of this checkout, as a program if `mode` says so. */
export function copyInto(root: string, path: string, from: string, mode = 0o644): void {
  writeFileInRoot(join(root, path), readFileSync(from), mode);
}

/** Copies a folder of the build. */
export function copyFolder(
  root: string,
  path: string,
  from: string,
  isWanted: (path: string) => boolean,
): void {
  cpSync(from, join(root, path), { recursive: true, filter: isWanted });
}
