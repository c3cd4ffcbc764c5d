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

type Answer = (response: ServerResponse) => unknown;

/** Downloads from a server that answers each request with the next of `answers`. */
async function download(
  answers: Answer[],
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

/** The whole file, from its start. */
const whole =
  (content: string): Answer =>
  (response) =>
    response.writeHead(200, { 'content-length': content.length }).end(content);

/** Another part than any that a test asks for. */
const otherPart: Answer = (response) =>
  response.writeHead(206, { 'content-range': 'bytes 0-2/8' }).end('abc');

/** There is nothing after the first five bytes. */
const complete: Answer = (response) => response.writeHead(416, { 'content-range': 'bytes */5' }).end();

/** Another program appends to the kept part between two pieces. */
const disturbed: Answer = (response) => {
  response.write('first');
  setTimeout(() => {
    writeFileSync(join(folder, 'part'), 'first and more of another');
    response.end('second');
  }, 200);
};

test('when the server does not say the length, the download ends with the connection', async () => {
  const { content, states } = await download([chunked('0123456789')]);
  expect(content).toBe('0123456789');
  expect(states.at(-1)).toEqual({ receivedBytes: 10, totalBytes: null });
});

test('when the server does not know ranges, the kept part is replaced', async () => {
  expect((await download([whole('new')], { kept: 'older' })).content).toBe('new');
});

test('when the kept part is the whole file, nothing is downloaded again', async () => {
  expect((await download([complete], { kept: 'whole' })).content).toBe('whole');
});

test('when the server sends another part than wanted, it is not appended', async () => {
  await expect(download([otherPart], { kept: 'older' })).rejects.toMatchObject({ kind: 'refused' });
  expect(readFileSync(join(folder, 'part'), 'utf8')).toBe('older');
});

test('when the file is larger than allowed, it is refused, also if the server does not say so', async () => {
  for (const answer of [whole('x'.repeat(100)), chunked('x'.repeat(100))])
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
  await expect(download([disturbed])).rejects.toMatchObject({
    kind: 'refused',
    message: 'another program downloads it too',
  });
});
