import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../src-shared/errors.ts';
import { redactionKinds, type RedactionKind } from '../../src-shared/model/syslog/redact/redactionRules.ts';
import type { RedactionOptions, RedactionReport } from '../../src-shared/model/syslog/redact/redactor.ts';
import { formatChecksums, writeHashedFile, type WrittenFile } from '../syslog/export/hashedFile.ts';
import type { Redactor } from '../syslog/export/readLines.ts';
import { packArchive, unpackArchive, type PackedFile } from './archive.ts';
import { parseJson, redactContent } from './redactContent.ts';

/** Files of a bundle **[ours]**. */
const maxFiles = 5_000;
/** Lines with hidden values that a preview shows. */
const previewLines = 40;
const manifestName = 'manifest.json';

export type BundleFile = { name: string; content: AsyncIterable<Uint8Array> };
export type BundlePreview = { file: string; line: string }[];
export type Bundle = { files: WrittenFile[]; redaction: RedactionReport | null; preview: BundlePreview };

const manifestSchema = z.looseObject({
  format: z.literal(1),
  redaction: z
    .array(
      z.object({
        kind: z.custom<RedactionKind>(
          (name) => typeof name === 'string' && Object.hasOwn(redactionKinds, name),
        ),
        count: z.int(),
        distinct: z.int(),
        next: z.int().positive(),
      }),
    )
    .nullable(),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })).max(maxFiles),
});
type Manifest = z.infer<typeof manifestSchema>;

type Writing = {
  /** The new archive, or null to only preview it. */
  out: string | null;
  redactor: Redactor | null;
  about: Readonly<Record<string, unknown>>;
};

/** Adds what was hidden before to what is hidden now, so that a third redaction has numbers of its own too. */
function joinReports(before: RedactionReport | null, now: RedactionReport | null): RedactionReport | null {
  if (before === null || now === null) return now ?? before;
  const kinds = [...new Set([...before, ...now].map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const [old, young] = [before, now].map((report) => report.find((one) => one.kind === kind));
    return {
      kind,
      count: (old?.count ?? 0) + (young?.count ?? 0),
      distinct: (old?.distinct ?? 0) + (young?.distinct ?? 0),
      next: Math.max(old?.next ?? 1, young?.next ?? 1),
    };
  });
}

/**
 * Writes files with hidden values, a manifest and checksums into a new archive. Each file is redacted into a folder beside it
 * first, because an archive needs the sizes and the manifest comes first.
 */
async function writeFiles(
  files: AsyncIterable<BundleFile>,
  { out, redactor, about }: Writing,
  before: RedactionReport | null,
): Promise<Bundle> {
  const folder = await mkdtemp(join(dirname(out ?? join(process.cwd(), 'x')), '.sallyport-bundle-')).catch(
    (cause: unknown) => {
      throw new AppError('INVALID_INPUT', 'The folder of the bundle can’t be written to.', { cause });
    },
  );
  const preview: BundlePreview = [];
  try {
    const written: PackedFile[] = [];
    const listed: WrittenFile[] = [];
    const keep = async (name: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
      const path = join(folder, `${written.length}`);
      const { bytes, sha256 } = await writeHashedFile(path, content);
      written.push({ name, path, bytes });
      listed.push({ name, bytes, sha256 });
    };
    for await (const { name, content } of files) {
      const shownName = redactor?.redact(name).text ?? name;
      const noteHidden = (line: string) => {
        if (preview.length < previewLines) preview.push({ file: shownName, line });
      };
      await keep(shownName, redactContent(name, content, redactor, noteHidden));
    }
    const redaction = joinReports(before, redactor?.report() ?? null);
    const manifest = { ...about, format: 1, redaction, files: [...listed] };
    await keep(manifestName, [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
    const sums = formatChecksums(listed);
    await keep('SHA256SUMS', [Buffer.from(sums)]);
    const first = written.filter(({ name }) => name === manifestName);
    if (out !== null)
      await packArchive(out, basename(out).replace(/\.t(?:ar\.)?gz$/u, ''), [
        ...first,
        ...written.filter(({ name }) => name !== manifestName),
      ]);
    return { files: listed, redaction, preview };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function writeBundle(files: AsyncIterable<BundleFile>, writing: Writing): Promise<Bundle> {
  return writeFiles(files, writing, null);
}

const withoutFolder = (name: string) => name.slice(name.indexOf('/') + 1);

/** Throws VERIFICATION_FAILED behind the last byte if the content is not what the manifest says. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  { name, sha256 }: WrittenFile,
): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256)
    throw new AppError('VERIFICATION_FAILED', `${name} is not what the manifest of the bundle says.`);
}

async function readManifest(path: string): Promise<Manifest> {
  for await (const { name, content } of unpackArchive(path)) {
    if (withoutFolder(name) !== manifestName) break;
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const manifest = manifestSchema.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
    if (manifest.success) return manifest.data;
    break;
  }
  throw new AppError('INVALID_INPUT', `${path} is no support bundle: its first file is not its manifest.`);
}

/** The numbers with which the placeholders of another redaction begin. */
export async function nextNumbers(path: string): Promise<NonNullable<RedactionOptions['numbers']>> {
  const { redaction } = await readManifest(path);
  return Object.fromEntries((redaction ?? []).map(({ kind, next }) => [kind, next]));
}

async function* filesOf(path: string, manifest: Manifest): AsyncGenerator<BundleFile, void, void> {
  const listed = new Map(manifest.files.map((file) => [file.name, file]));
  for await (const { name, content } of unpackArchive(path)) {
    const plain = withoutFolder(name);
    const file = listed.get(plain);
    listed.delete(plain);
    if (file === undefined) {
      if (plain === manifestName || plain === 'SHA256SUMS') for await (const _ of content);
      else throw new AppError('VERIFICATION_FAILED', `${plain} is not in the manifest of the bundle.`);
    } else yield { name: plain, content: checked(content, file) };
  }
  const [missing] = listed.keys();
  if (missing !== undefined)
    throw new AppError('VERIFICATION_FAILED', `${missing} is missing in the bundle.`);
}

/**
 * Redacts a bundle again, into a new one: what was hidden stays hidden. Throws INVALID_INPUT if it is no bundle, or
 * VERIFICATION_FAILED if it was changed.
 */
export async function redactBundle(path: string, writing: Omit<Writing, 'about'>): Promise<Bundle> {
  const manifest = await readManifest(path);
  return writeFiles(filesOf(path, manifest), { ...writing, about: manifest }, manifest.redaction);
}
