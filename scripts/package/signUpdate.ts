import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createReadStream, createWriteStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { CompactSign } from 'jose';
import packageFile from '../../package.json' with { type: 'json' };
import { documentTypes, publicKeySchema } from '../../src-shared/model/licence/documents.ts';
import { publicPem } from './packCarry.ts';
import { updateFileEnding, updateManifestSchema } from '../../src-shared/model/update/updateFile.ts';

const usage = `npm run sign-update -- --make-key FILE
  makes a key pair: the private key in FILE, readable for you only, and the public key in FILE.public.json,
  for src-shared/model/update/pinnedKeys.json, and in FILE.public.pem, for docs/carry.md
npm run sign-update -- PACKAGE --key FILE --platform linux|win32|darwin --arch x64|arm64
  writes PACKAGE${updateFileEnding}, a signed update file`;

/** A name that people can compare: the beginning of the public key's hash. */
const keyIdOf = (x: string) => `update-${createHash('sha256').update(x).digest('hex').slice(0, 16)}`;

function publicKeyOf(privateKey: ReturnType<typeof createPrivateKey>) {
  const { kty, crv, x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return publicKeySchema.parse({ kty, crv, x, kid: keyIdOf(x) });
}

function makeKey(file: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { flag: 'wx', mode: 0o600 });
  writeFileSync(`${file}.public.json`, `${JSON.stringify({ keys: [publicKeyOf(privateKey)] }, null, 2)}\n`, {
    flag: 'wx',
  });
  writeFileSync(`${file}.public.pem`, publicPem(readFileSync(file, 'utf8')), { flag: 'wx' });
}

async function signPackage(
  file: string,
  options: { key: string; platform: string; arch: string },
): Promise<string> {
  const privateKey = createPrivateKey(readFileSync(options.key));
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const manifest = updateManifestSchema.parse({
    version: packageFile.version,
    platform: options.platform,
    arch: options.arch,
    fileName: basename(file),
    size: statSync(file).size,
    sha256: hash.digest('hex'),
    signedAt: new Date().toISOString(),
  });
  const document = await new CompactSign(Buffer.from(JSON.stringify(manifest)))
    .setProtectedHeader({ alg: 'EdDSA', typ: documentTypes.update, kid: publicKeyOf(privateKey).kid })
    .sign(privateKey);
  const target = `${file}${updateFileEnding}`;
  writeFileSync(target, `${document}\n`, { flag: 'wx' });
  await pipeline(createReadStream(file), createWriteStream(target, { flags: 'a' }));
  return target;
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      'make-key': { type: 'string' },
      key: { type: 'string' },
      platform: { type: 'string' },
      arch: { type: 'string' },
    },
  });
  const { 'make-key': made, arch, key, platform } = values;
  const [file] = positionals;
  if (made !== undefined) {
    makeKey(made);
    return 0;
  }
  if (file === undefined || key === undefined || platform === undefined || arch === undefined) {
    console.log(usage);
    return 2;
  }
  console.log(await signPackage(file, { key, platform, arch }));
  return 0;
}

process.exitCode = await main();
