import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { runTool } from './debFile.ts';

export const sumsFile = 'SHA256SUMS';
export const signatureFile = 'SHA256SUMS.sig';

/** The public half of a private key, as openssl reads it. */
export const publicPem = (privateKey: string) =>
  createPublicKey(createPrivateKey(privateKey)).export({ format: 'pem', type: 'spki' }).toString();

/**
 * Writes a tar file with a folder of its own name: the files, their checksums, and a signature of the checksums by the Ed25519
 * key in `keyFile`. The same files, key and `sourceDate`, in seconds, give the same tar file. Throws if two files have one name.
 */
export function packCarry(options: {
  /** For each folder of the tar file, '' being the upper one, the files in it. */
  files: Readonly<Record<string, readonly string[]>>;
  keyFile: string;
  output: string;
  sourceDate: number;
}): void {
  const { files, keyFile, output, sourceDate } = options;
  const privateKey = createPrivateKey(readFileSync(keyFile));
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`${keyFile} is no Ed25519 key`);
  const parent = mkdtempSync(join(tmpdir(), 'sallyport-carry-'));
  const name = basename(output, '.tar');
  try {
    const folder = join(parent, name);
    const sums = new Map<string, string>();
    for (const [at, paths] of Object.entries(files)) {
      mkdirSync(join(folder, at), { recursive: true });
      for (const path of paths) {
        const inside = join(at, basename(path));
        if (sums.has(inside)) throw new Error(`${inside} is there twice`);
        copyFileSync(path, join(folder, inside));
        sums.set(inside, createHash('sha256').update(readFileSync(path)).digest('hex'));
      }
    }
    const lines = [...sums].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const text = Buffer.from(lines.map(([path, sum]) => `${sum}  ${path}\n`).join(''));
    writeFileSync(join(folder, sumsFile), text);
    writeFileSync(join(folder, signatureFile), sign(null, text, privateKey));
    const fixed = [
      '--sort=name',
      '--format=ustar',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mode=a=rX,u+w',
    ];
    runTool('tar', ...fixed, `--mtime=@${sourceDate}`, '-C', parent, '-cf', resolve(output), name);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}
