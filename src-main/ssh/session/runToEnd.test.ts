import { Readable, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { runToEnd } from './runToEnd.ts';

/** A stream that never ends. It repeats `piece`, each time as a separate chunk. */
function endless(piece: string): Readable {
  return new Readable({
    read() {
      setImmediate(() => this.push(piece));
    },
  });
}

/** A process that never ends and prints `stdout`. */
function aProcess(stdout: Readable) {
  let isKilled = false;
  return {
    isKilled: () => isKilled,
    process: {
      stdin: new Writable(),
      stdout,
      stderr: Readable.from([]),
      exited: new Promise<never>(() => undefined),
      kill: () => {
        isKilled = true;
        stdout.destroy();
      },
    },
  };
}

test.each([
  ['a byte', 'x', { maxChunks: 5000 }],
  ['32 kB', 'x'.repeat(32 * 1024), { maxBytes: 8_000_000 }],
])(
  'when output arrives in chunks of %s without end, rejects with OUTPUT_TOO_LARGE',
  async (_size, piece, detail) => {
    const { process, isKilled } = aProcess(endless(piece));
    const limits = { timeoutMs: 20_000, maxBytes: 8_000_000, lost: new AbortController().signal };
    await expect(runToEnd({ process, name: 'list', ...limits })).rejects.toMatchObject({
      code: 'OUTPUT_TOO_LARGE',
      detail,
    });
    expect(isKilled()).toBe(true);
  },
);

test.each([
  ['that is long', [Buffer.alloc(5 * 1024 * 1024, 'x')], 5 * 1024 * 1024],
  [
    'that is long and not UTF-8, only its beginning',
    [Buffer.alloc(5 * 1024 * 1024, 'x'), Buffer.of(0xff)],
    4 * 1024 * 1024,
  ],
  ['that is short and not UTF-8', [Buffer.from('caf'), Buffer.of(0xe9)], 4],
])('reads an output %s', async (_what, chunks, length) => {
  const { process } = aProcess(Readable.from(chunks));
  const exited = Promise.resolve({ exitCode: 0, signal: null });
  const limits = { timeoutMs: 20_000, maxBytes: 8_000_000, lost: new AbortController().signal };
  const { stdout } = await runToEnd({ process: { ...process, exited }, name: 'list', ...limits });
  expect(stdout).toHaveLength(length);
});

test('keeps the bytes of a long output in shared memory, and none of a short one', async () => {
  const limits = { timeoutMs: 20_000, maxBytes: 8_000_000, lost: new AbortController().signal };
  const run = (chunks: Buffer[]) =>
    runToEnd({
      process: {
        ...aProcess(Readable.from(chunks)).process,
        exited: Promise.resolve({ exitCode: 0, signal: null }),
      },
      name: 'list',
      ...limits,
    });
  const long = await run([Buffer.alloc(200_000, 'x'), Buffer.alloc(200_000, 'y')]);
  expect(long.stdoutBytes?.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(Buffer.from(long.stdoutBytes ?? []).toString()).toBe(long.stdout);
  expect(long.stdout).toBe('x'.repeat(200_000) + 'y'.repeat(200_000));
  expect(await run([Buffer.from('short')])).toEqual({
    exitCode: 0,
    signal: null,
    stdout: 'short',
    stderr: '',
  });
});
