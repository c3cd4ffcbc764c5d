import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { maxListBytes } from '../../src-shared/model/tenants/listLimits.ts';
import { aConnectedTenant } from '../../test-support/aTenant.ts';
import { measureThreadMs } from '../../test-support/cpuTime.ts';
import { hostileAnswers } from '../../test-support/hostileAnswers.ts';
import { createAnswerReader, type AnswerReader } from './answerReader.ts';

/** The guarantee: parsing an answer never blocks the main thread for longer than this. */
const maxMainThreadMs = 250;

const readable = Object.entries(hostileAnswers).filter(([, { isTooLong }]) => isTooLong === undefined);
let reader: AnswerReader;
const failures: unknown[] = [];

const list = (count: number) => ({
  contract: 1,
  portRange: { first: 2200, last: 5199 },
  tenants: Array.from({ length: count }, (_, index) => {
    const first = 2200 + 20 * index;
    return aConnectedTenant(
      `tenant-${index}`,
      Array.from({ length: 20 }, (_, at) => first + at),
    );
  }),
  refusedLogIns: [],
});

describe('an answer of any kind', () => {
  beforeAll(() => {
    failures.length = 0;
    reader = createAnswerReader({ onFailed: (cause) => failures.push(cause) });
  });
  afterAll(() => reader.close());

  it.each(readable)('%s takes little of the main thread', async (_what, answer) => {
    const bytes = Buffer.from(answer.print());
    expect(bytes.length).toBeLessThanOrEqual(maxListBytes);
    let reason: string | null = null;
    const took = await measureThreadMs(async () => {
      const reading = await reader.read({ owner: 'hostile', kind: 'remoteNetworks', output: bytes });
      reason = 'reason' in reading ? reading.reason : null;
    });
    expect(reason).toBe(answer.reason);
    expect(took).toBeLessThanOrEqual(maxMainThreadMs);
    expect(failures).toEqual([]);
  });

  it.each([3, 150])('of %i tenants with 20 forwards each is returned unchanged', async (count) => {
    const output = JSON.stringify(list(count));
    expect(await reader.read({ owner: 'a', kind: 'remoteNetworks', output })).toEqual({ value: list(count) });
  });
});

/** A script for the reader thread, so that the test decides how the thread behaves. */
const scripted = (body: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; ${body}`)}`,
  );
const echo = `parentPort.on('message', ({ output: text }) => {
  if (text.startsWith('hang')) for (;;);
  if (text.startsWith('fill')) for (let last = null; ; ) last = { last, more: [1, 2, 3] };
  if (text.startsWith('throw')) throw new Error('defect');
  parentPort.postMessage({ reason: text.slice(0, 8).trim() });
}); parentPort.postMessage('ready');`;
/** Pads the text, so that it is too long to be parsed on the main thread. */
const read = (owner: string, word: string) =>
  reader.read({ owner, kind: 'remoteNetworks', output: word.padEnd(300_000) });

describe('the thread that reads large answers', () => {
  beforeEach(() => {
    failures.length = 0;
    reader = createAnswerReader({
      file: scripted(echo),
      timeoutMs: 2000,
      onFailed: (cause) => failures.push(cause),
    });
  });
  afterEach(() => reader.close());

  it('when an answer takes too long, ends the thread and starts a new one', async () => {
    const [hung, after] = await Promise.all([read('a', 'hang'), read('b', 'after')]);
    expect(hung).toEqual({ reason: 'it takes too long to read' });
    expect(after).toEqual({ reason: 'after' });
    expect(failures).toEqual([]);
  });

  it('when an answer needs too much memory, ends the thread and starts a new one', async () => {
    reader.close();
    reader = createAnswerReader({
      file: scripted(echo),
      timeoutMs: 150_000,
      onFailed: (cause) => failures.push(cause),
    });
    expect(await read('a', 'fill')).toEqual({ reason: 'it takes too much memory to read' });
    expect(await read('a', 'after')).toEqual({ reason: 'after' });
  });

  it('when the thread fails, rejects with INTERNAL, logs the reason and starts a new one', async () => {
    await expect(read('a', 'throw')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(failures).toEqual([expect.objectContaining({ message: 'defect' })]);
    expect(await read('a', 'after')).toEqual({ reason: 'after' });
  });

  it('when the thread can’t start, rejects with INTERNAL', async () => {
    reader.close();
    reader = createAnswerReader({
      file: new URL('file:///nowhere/answerWorker.js'),
      onFailed: (cause) => failures.push(cause),
    });
    await expect(read('a', 'x')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(failures).toHaveLength(1);
  });

  it('when one appliance has many answers, another one waits for a single one of them', async () => {
    const order: string[] = [];
    const asked = [
      ...Array.from({ length: 5 }, (_, index) => ['a', `a${index}`] as const),
      ['b', 'b0'] as const,
      ['c', 'c0'] as const,
      ['b', 'b1'] as const,
    ];
    await Promise.all(
      asked.map(async ([owner, word]) => {
        await read(owner, word);
        order.push(word);
      }),
    );
    expect(order).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2', 'a3', 'a4']);
  });

  it('when closed, rejects waiting and new requests with CANCELLED', async () => {
    const waiting = [read('a', 'hang'), read('a', 'next')];
    reader.close();
    for (const one of [...waiting, read('a', 'late')])
      await expect(one).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
