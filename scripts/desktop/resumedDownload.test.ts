import { createServer, type ServerResponse } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLoopbackServers } from '../../test-support/loopbackServers.ts';
import { downloadResumed, usualLimits, type DownloadLimits, type DownloadState } from './resumedDownload.ts';

let folder: string;
let servers: ReturnType<typeof createLoopbackServers>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-download-'));
  servers = createLoopbackServers();
});
afterEach(async () => {
  await servers.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Downloads from a server that answers each request with the next of `answers`. */
async function download(
  answers: ((response: ServerResponse) => unknown)[],
  options: { kept?: string; limits?: Partial<DownloadLimits>; signal?: AbortSignal } = {},
) {
  const partFile = join(folder, 'part');
  if (options.kept !== undefined) writeFileSync(partFile, options.kept);
  const states: DownloadState[] = [];
  const port = await servers.serve(createServer((_request, response) => answers.shift()?.(response)));
  await downloadResumed({
    url: `http://127.0.0.1:${port}/file`,
    partFile,
    onProgress: (state) => states.push(state),
    signal: options.signal ?? new AbortController().signal,
    limits: { ...usualLimits, firstRetryMs: 1, ...options.limits },
  });
  return { content: readFileSync(partFile, 'utf8'), states };
}

/** An answer without its length. */
const chunked = (content: string) => (response: ServerResponse) => {
  response.write(content);
  response.end();
};

test('when the server does not say the length, the download ends with the connection', async () => {
  const { content, states } = await download([chunked('0123456789')]);
  expect(content).toBe('0123456789');
  expect(states.at(-1)).toEqual({ receivedBytes: 10, totalBytes: null });
});

test('when the server does not know ranges, the kept part is replaced', async () => {
  const whole = (response: ServerResponse) => response.writeHead(200, { 'content-length': 3 }).end('new');
  expect((await download([whole], { kept: 'older' })).content).toBe('new');
});

test('when the kept part is the whole file, nothing is downloaded again', async () => {
  const complete = (response: ServerResponse) =>
    response.writeHead(416, { 'content-range': 'bytes */5' }).end();
  expect((await download([complete], { kept: 'whole' })).content).toBe('whole');
});

test('when the server sends another part than wanted, it is not appended', async () => {
  const other = (response: ServerResponse) =>
    response.writeHead(206, { 'content-range': 'bytes 0-2/8' }).end('abc');
  await expect(download([other], { kept: 'older' })).rejects.toMatchObject({ kind: 'refused' });
  expect(readFileSync(join(folder, 'part'), 'utf8')).toBe('older');
});

test('when the file is larger than allowed, it is refused, also if the server does not say so', async () => {
  const declared = (response: ServerResponse) =>
    response.writeHead(200, { 'content-length': 100 }).end('x'.repeat(100));
  const undeclared = chunked('x'.repeat(100));
  for (const answer of [declared, undeclared])
    await expect(download([answer], { limits: { maxBytes: 50 } })).rejects.toMatchObject({
      kind: 'refused',
      message: 'the file has more than 50 bytes',
    });
});

test('when the server accepts a connection and never answers, it counts as unreachable', async () => {
  await expect(download([() => undefined], { limits: { connectMs: 100 } })).rejects.toMatchObject({
    kind: 'unreachable',
    message: 'the server does not answer',
  });
});

test('when another program writes to the kept part, the download stops', async () => {
  const interfere = (response: ServerResponse) => {
    response.write('first');
    setTimeout(() => {
      writeFileSync(join(folder, 'part'), 'first and more of another');
      response.end('second');
    }, 200);
  };
  await expect(download([interfere])).rejects.toMatchObject({
    kind: 'refused',
    message: 'another program downloads it too',
  });
});
