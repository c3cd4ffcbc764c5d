import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { minuteMs } from '../../src-shared/base/time.ts';
import {
  about,
  anyFrame,
  call,
  malformedWithId,
  malformedWithoutId,
} from '../../test-support/requestFrames.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';
import { createFrameServer, maxOpenCalls } from './frameServer.ts';
import { serveMessagePort, serveWebSocket } from './transports.ts';

/** Stands in for a page: sends raw frames and collects the answers by ID. */
type Page = { send: (frame: unknown) => void; answers: Map<string, unknown>; close: () => void };

/** Ends only tests that hang. */
const patienceMs = 2 * minuteMs;

let site: TestServices;
const pages: Page[] = [];
const servers: WebSocketServer[] = [];
beforeAll(() => {
  site = createTestServices();
});
afterEach(() => {
  for (const page of pages.splice(0)) page.close();
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => site.close());

/** Whether the server answers this frame: it has an ID and is not an abort. */
const isAnswered = (frame: unknown) =>
  typeof frame === 'string' && frame.startsWith('{"i":"x"') && frame !== '{"i":"x","t":4}';
const answerSchema = z.object({
  i: z.string(),
  p: z.object({ s: z.number().default(200), b: z.object({ json: z.unknown() }).optional() }),
});
const errorSchema = z.object({ code: z.string() });

function collect(answers: Map<string, unknown>, text: string): void {
  const { data } = answerSchema.safeParse(JSON.parse(text));
  if (data === undefined || answers.has(data.i)) return;
  answers.set(data.i, data.p.s === 200 ? 'ok' : errorSchema.parse(data.p.b?.json).code);
}

function openPort(): Promise<Page> {
  const { port1, port2 } = new MessageChannel();
  serveMessagePort(port1, { services: site.services, role: 'admin' });
  const answers = new Map<string, unknown>();
  port2.on('message', (text) => collect(answers, z.string().parse(text)));
  return Promise.resolve({
    send: (frame) => port2.postMessage(frame),
    answers,
    close: () => {
      port1.close();
      port2.close();
    },
  });
}

async function openSocket(): Promise<Page> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  servers.push(server);
  server.on('connection', (socket) => serveWebSocket(socket, { services: site.services, role: 'admin' }));
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  const answers = new Map<string, unknown>();
  socket.on('message', (data) => Buffer.isBuffer(data) && collect(answers, data.toString('utf8')));
  await once(socket, 'open');
  return {
    send: (frame) => socket.send(frame instanceof Uint8Array ? frame : String(frame)),
    answers,
    close: () => socket.terminate(),
  };
}

async function expectAlive(page: Page, id: string): Promise<void> {
  page.send(about(id));
  await vi.waitFor(() => expect(page.answers.get(id)).toBe('ok'), patienceMs);
}

describe.each([
  ['MessagePort', openPort],
  ['WebSocket', openSocket],
])('over a %s', (_, open) => {
  async function openPage(): Promise<Page> {
    const page = await open();
    pages.push(page);
    return page;
  }

  test.each(malformedWithId)(
    'rejects %s with INVALID_INPUT, and answers the next call',
    async (_name, frame) => {
      const page = await openPage();
      page.send(frame('odd'));
      await vi.waitFor(() => expect(page.answers.get('odd')).toBe('INVALID_INPUT'), patienceMs);
      await expectAlive(page, 'next');
    },
  );

  test.each(malformedWithoutId)('when a frame is %s, the next call is answered', async (_name, frame) => {
    const page = await openPage();
    page.send(frame);
    await expectAlive(page, 'next');
    expect([...page.answers]).toEqual([['next', 'ok']]);
  });

  test('when frames are anything, answers each one with an ID and the next call', async () => {
    const page = await openPage();
    let round = 0;
    const runs = fc.asyncProperty(fc.array(anyFrame, { maxLength: 10 }), async (frames) => {
      round += 1;
      const ids = frames.map((_frame, index) => `${round}-${index}`);
      for (const [index, frame] of frames.entries()) page.send(frame(ids[index] ?? ''));
      await expectAlive(page, `alive-${round}`);
      const expected = frames.flatMap((frame, index) => (isAnswered(frame('x')) ? (ids[index] ?? []) : []));
      // Wait, because the answers may arrive in another order than the calls.
      await vi.waitFor(
        () => expect([...page.answers.keys()]).toEqual(expect.arrayContaining(expected)),
        patienceMs,
      );
    });
    await fc.assert(runs, { numRuns: 60 });
    expect(page.answers.size).toBeGreaterThan(60);
  });

  test('when a page opens too many calls, those get BUSY and the others continue', async () => {
    const page = await openPage();
    for (let index = 0; index < maxOpenCalls; index += 1)
      page.send(call(`watch-${index}`, '/fleet/watch', { json: {} }));
    for (let index = 0; index < 3000; index += 1)
      page.send(call(`more-${index}`, '/fleet/watch', { json: {} }));
    await vi.waitFor(() => expect(page.answers.size).toBe(maxOpenCalls + 3000), patienceMs);
    const codes = (prefix: string) =>
      new Set([...page.answers].filter(([id]) => id.startsWith(prefix)).map(([, answer]) => answer));
    expect(codes('watch')).toEqual(new Set(['ok']));
    expect(codes('more')).toEqual(new Set(['BUSY']));
    page.send(JSON.stringify({ i: 'watch-0', t: 4 }));
    let again = 0;
    await vi.waitFor(async () => {
      again += 1;
      const id = `again-${again}`;
      page.send(about(id));
      // It may still be BUSY.
      await vi.waitFor(() => expect(page.answers.has(id)).toBe(true), patienceMs);
      expect(page.answers.get(id)).toBe('ok');
    }, patienceMs);
  });

  test('when a page sends malformed frames without end, logs a few lines without a stack', async () => {
    const page = await openPage();
    const before = site.logged().length;
    for (let index = 0; index < 500; index += 1)
      page.send(call(`odd-${index}`, '/system/about', { json: {}, meta: [[1, '__proto__', 'x']] }));
    await vi.waitFor(() => expect(page.answers.size).toBe(500), patienceMs);
    expect(new Set(page.answers.values())).toEqual(new Set(['INVALID_INPUT']));
    page.close();
    await vi.waitFor(() => expect(site.logged().slice(before)).toContain('"reports":500'), patienceMs);
    const lines = site.logged().slice(before);
    expect(lines.match(/"code":"INVALID_INPUT"/gu)).toHaveLength(3);
    expect(lines).not.toContain('stack');
  });
});

test('when no answer can be sent, receiving a frame throws nothing and leaves no rejection', async () => {
  const frames = createFrameServer({
    context: { services: site.services, role: 'admin' },
    send: () => {
      throw new Error('the port is gone');
    },
  });
  const before = site.logged().length;
  for (const frame of [call('odd', '/system/nothing', { json: {} }), about('proper')])
    expect(() => frames.receive(frame)).not.toThrow();
  await vi.waitFor(
    () =>
      expect(
        site
          .logged()
          .slice(before)
          .match(/the port is gone/gu)?.length,
      ).toBeGreaterThan(1),
    patienceMs,
  );
});

test('when a page sends the worst frames, a Node process with a real MessagePort continues', async () => {
  const frames = [
    ...malformedWithId.map(([, frame]) => frame('odd')),
    ...malformedWithoutId.flatMap(([, frame]) => (typeof frame === 'string' ? [frame] : [])),
  ];
  const script = `
    import { MessageChannel } from 'node:worker_threads';
    import { createTestServices } from './test-support/testConsole.ts';
    import { serveMessagePort } from './src-main/rpc/transports.ts';
    const site = createTestServices();
    const { port1, port2 } = new MessageChannel();
    serveMessagePort(port1, { services: site.services, role: 'admin' });
    process.stdin.setEncoding('utf8');
    let frames = '';
    for await (const chunk of process.stdin) frames += chunk;
    port2.on('message', async (text) => {
      if (!text.includes('"alive"')) return;
      port1.close();
      await site.close();
      process.stdout.write('alive');
    });
    for (const frame of JSON.parse(frames)) port2.postMessage(frame);
    port2.postMessage(new Uint8Array([0xff, 0x00]));
    port2.postMessage({ i: '1', p: { u: '/system/about' } });
    port2.postMessage(${JSON.stringify(about('alive'))});`;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(JSON.stringify(frames));
  const [code] = await once(child, 'close');
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'alive', stderr: '' });
});
