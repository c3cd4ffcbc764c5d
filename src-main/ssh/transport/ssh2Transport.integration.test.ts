import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectOrThrow, readOutput, expectRefusal, rootAt } from '../../../test-support/connectAttempt.ts';
import { makeKey, startPlainSshd, type PlainSshd } from '../../../test-support/plainSshd.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { hopNameOf } from './hopName.ts';
import type { Authentication } from '../../../src-shared/model/appliance/applianceEntry.ts';

let folder: string;
let sshd: PlainSshd;
let key: ReturnType<typeof makeKey>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-test-'));
  key = makeKey(folder, 'right');
  sshd = await startPlainSshd({ authorizedKeys: [key.publicKey] });
});

afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}

const target = (authentication: Partial<Authentication>, port = sshd.port) => rootAt(port, authentication);

describe('a plain login', () => {
  test('with the right key, runs commands, measures a round trip and lists the algorithms', async () => {
    const { connection, steps, offers } = await connectOrThrow({ target: target({ keyFile: key.path }) });
    expect(await readOutput(connection, 'echo $((6 * 7))')).toBe('42\n');
    expect(await connection.ping(5000)).toBeGreaterThan(0);
    expect(connection.serverSoftware).toMatch(/^OpenSSH_/);
    expect(connection.algorithms.hostKey).toBe('ssh-ed25519');
    expect(connection.algorithms.cipher).not.toBe('unknown');
    expect(offers).toEqual([
      {
        hop: `root@127.0.0.1:${sshd.port}`,
        offered: {
          type: 'ssh-ed25519',
          fingerprint: sshd.hostKeys[0]?.fingerprint,
          md5: expect.stringMatching(/^[0-9a-f:]{47}$/u),
        },
      },
    ]);
    expect(steps.map(({ method, outcome }) => [method, outcome])).toEqual([['key-file', 'accepted']]);
    expect(steps[0]?.detail).toContain(key.fingerprint);
  });

  test('when keys are exchanged again, continues without asking about the same host key', async () => {
    const often = await startPlainSshd({
      authorizedKeys: [key.publicKey],
      configuration: ['RekeyLimit 256K'],
    });
    try {
      const { connection, offers } = await connectOrThrow({
        target: target({ keyFile: key.path }, often.port),
      });
      const text = await readOutput(connection, 'head -c 3000000 /dev/zero | tr "\\0" x');
      expect(text.length).toBe(3_000_000);
      expect(often.log().match(/rekeying/gi)?.length ?? 0).toBeGreaterThan(0);
      expect(offers.length).toBe(1);
      connection.close();
    } finally {
      await often.stop();
    }
  });

  test('when the server has no free channel yet, asks again', async () => {
    const { connection } = await connectOrThrow({ target: target({ keyFile: key.path }) });
    // More than ten, because stock sshd allows ten at the same time.
    const commands = Array.from({ length: 14 }, (_, index) =>
      readOutput(connection, `sleep 0.3; echo ${index}`),
    );
    expect(await Promise.all(commands)).toEqual(commands.map((_, index) => `${index}\n`));
    connection.close();
  });

  test('when closed, ends the server process of the connection', async () => {
    const before = sshd.connections();
    const { connection } = await connectOrThrow({ target: target({ keyFile: key.path }) });
    const [child] = sshd.connections().filter((pid) => !before.includes(pid));
    expect(child).toBeDefined();
    connection.close();
    await waitFor('the process to end', () => child !== undefined && !sshd.connections().includes(child));
    expect((await connection.closed).code).toBe('CANCELLED');
  });

  test('opens TCP connections from the appliance, and says why if it can’t', async () => {
    const { connection } = await connectOrThrow({ target: target({ keyFile: key.path }) });
    const echo = createServer((socket) => socket.pipe(socket));
    const port = await listen(echo);
    const channel = await connection.forwardOut('127.0.0.1', port);
    channel.write('through');
    const data = await new Promise((resolve) => channel.once('data', resolve));
    expect(String(data)).toBe('through');
    channel.end();
    await new Promise((resolve) => echo.close(resolve));
    await expect(connection.forwardOut('127.0.0.1', port)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  });

  test('when nothing listens, or the server is not SSH, reports a connection failure', async () => {
    const other = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<html>');
    });
    const port = await listen(other);
    expect((await expectRefusal({ target: target({ keyFile: key.path }, port) })).error.code).toBe(
      'CONNECT_FAILED',
    );
    await new Promise((resolve) => other.close(resolve));
    const { error } = await expectRefusal({ target: target({ keyFile: key.path }, port) });
    expect(error.code).toBe('CONNECT_FAILED');
    expect(error.message).toContain('connection refused');
  });

  test('when the target behind a jump host does not answer, names the target and not the jump host', async () => {
    const hops: string[] = [];
    const jump = target({ keyFile: key.path });
    // Port 9, on which nothing listens.
    const dead = { ...jump, port: 9 };
    const { error } = await expectRefusal({ target: dead, jumps: [jump], onHop: (hop) => hops.push(hop) });
    expect(hops).toEqual([hopNameOf(jump), hopNameOf(dead)]);
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', detail: { hop: hopNameOf(dead), hopIndex: 1 } });
  });

  test('can be cancelled, also before it starts', async () => {
    const silent = createServer();
    const port = await listen(silent);
    const controller = new AbortController();
    const accepted = new Promise((resolve) => silent.once('connection', resolve));
    const attempting = expectRefusal({
      target: target({ keyFile: key.path }, port),
      signal: controller.signal,
    });
    await accepted;
    controller.abort();
    expect((await attempting).error.code).toBe('CANCELLED');
    const again = await expectRefusal({
      target: target({ keyFile: key.path }, port),
      signal: controller.signal,
    });
    expect(again.error.code).toBe('CANCELLED');
    await new Promise((resolve) => silent.close(resolve));
  });

  test('when a server sends nothing, gives up at the time limit', async () => {
    const silent = createServer((socket) => socket.resume());
    const port = await listen(silent);
    const direct = await expectRefusal(
      { target: target({ keyFile: key.path }, port) },
      { hopTimeoutMs: 200 },
    );
    expect(direct.error).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      message: `root@127.0.0.1:${port} did not answer within 0.2 s.`,
    });
    await new Promise((resolve) => silent.close(resolve));
  });

  test('when a server is busy and needs long in all, but answers each step in time, connects', async () => {
    // So much less than the limit that a busy computer has time for a step too.
    const [hopTimeoutMs, answerMs] = [5000, 1500];
    const busy = createServer((socket) => {
      const server = connect(sshd.port, '127.0.0.1');
      for (const end of [socket, server]) end.on('error', () => undefined);
      socket.pipe(server);
      server.on('data', (chunk) => void setTimeout(() => socket.write(chunk), answerMs));
      server.on('close', () => void setTimeout(() => socket.destroy(), answerMs));
    });
    const port = await listen(busy);
    const beganAt = performance.now();
    const { connection } = await connectOrThrow(
      { target: target({ keyFile: key.path }, port) },
      { hopTimeoutMs },
    );
    expect(performance.now() - beganAt).toBeGreaterThan(hopTimeoutMs);
    connection.close();
    await new Promise((resolve) => busy.close(resolve));
  });

  test('when a server sends a byte now and then and never ends a step, gives up at the time limit', async () => {
    const dripping = createServer((socket) => {
      const timer = setInterval(() => socket.write('S'), 50);
      socket.on('error', () => undefined).on('close', () => clearInterval(timer));
      socket.resume();
    });
    const port = await listen(dripping);
    const { error } = await expectRefusal(
      { target: target({ keyFile: key.path }, port) },
      { hopTimeoutMs: 300 },
    );
    expect(error.code).toBe('CONNECT_TIMEOUT');
    await new Promise((resolve) => dripping.close(resolve));
  });
});
