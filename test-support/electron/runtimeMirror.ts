import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { zipSync } from 'fflate';
import { createLoopbackServers } from '../loopbackServers.ts';

/** How the server answers its next request. After the last of them it sends the file whole. */
type Answer =
  | { kind: 'status'; status: number }
  /** Sends this share of what was asked for, then nothing, or ends the connection. */
  | { kind: 'part'; share: number; end: 'silence' | 'cut' }
  /** Sends a piece, then waits for `go` before the next. */
  | { kind: 'pieces'; pieces: number; go: () => Promise<void> };

/** Electron's installer checks the sums of versions from 1.3.2 on. */
const version = '99.0.0';

/** A zip as Electron's: the program beside a file that makes it large enough to be cut in pieces. */
function runtimeZip(program: string): Buffer {
  const executable = { os: 3, attrs: 0o100755 << 16 } as const;
  return Buffer.from(
    zipSync({
      electron: [new TextEncoder().encode(program), executable],
      'resources.pak': [new Uint8Array(randomBytes(200_000)), { level: 0 }],
      version: new TextEncoder().encode(version),
    }),
  );
}

async function send(response: ServerResponse, bytes: Buffer, answer: Answer | undefined): Promise<void> {
  if (answer === undefined || answer.kind === 'status') return void response.end(bytes);
  if (answer.kind === 'part') {
    response.write(bytes.subarray(0, Math.floor(bytes.length * answer.share)), () => {
      if (answer.end === 'cut') response.destroy();
    });
    return;
  }
  const length = Math.ceil(bytes.length / answer.pieces);
  for (let start = 0; start < bytes.length; start += length) {
    response.write(bytes.subarray(start, start + length));
    await answer.go();
  }
  response.end();
}

/**
 * A server with a stand-in for Electron's runtime, and a copy of Electron's package whose real installer accepts it.
 * `program` is the text of the stand-in's executable.
 */
export async function startRuntimeMirror(program: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-runtime-'));
  const packageFolder = join(folder, 'electron');
  mkdirSync(packageFolder);
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  copyFileSync('node_modules/electron/install.js', join(packageFolder, 'install.js'));
  const zip = runtimeZip(program);
  const name = `electron-v${version}-${process.platform}-${process.arch}.zip`;
  const digest = createHash('sha256').update(zip).digest('hex');
  writeFileSync(join(packageFolder, 'package.json'), JSON.stringify({ name: 'electron', version }));
  writeFileSync(join(packageFolder, 'checksums.json'), JSON.stringify({ [name]: digest }));

  const answers: Answer[] = [];
  const requests: { path: string; range: string | null }[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const range = request.headers.range ?? null;
    requests.push({ path: request.url ?? '', range });
    const answer = answers.shift();
    if (answer?.kind === 'status') return void response.writeHead(answer.status).end();
    const start = range === null ? 0 : Number(/^bytes=(\d+)-$/u.exec(range)?.[1]);
    if (start >= zip.length)
      return void response.writeHead(416, { 'content-range': `bytes */${zip.length}` }).end();
    const rest = zip.subarray(start);
    const contentRange = `bytes ${start}-${zip.length - 1}/${zip.length}`;
    response.writeHead(range === null ? 200 : 206, {
      'content-length': rest.length,
      ...(range === null ? {} : { 'content-range': contentRange }),
    });
    void send(response, rest, answer);
  });
  const servers = createLoopbackServers();
  const port = await servers.serve(server);
  const partFolder = join(folder, 'part');
  return {
    packageFolder,
    partFolder,
    partFile: join(partFolder, `${name}.part`),
    zip,
    requests,
    /** Answers of the next requests. */
    next: (...list: Answer[]) => void answers.push(...list),
    env: {
      ...process.env,
      DISPLAY: ':0',
      ELECTRON_MIRROR: `http://127.0.0.1:${port}/`,
      electron_config_cache: join(folder, 'cache'),
    },
    stopServer: () => servers.close(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type RuntimeMirror = Awaited<ReturnType<typeof startRuntimeMirror>>;
