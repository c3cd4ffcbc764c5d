import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addAdministrator, makeKey, startBareBox } from '../../../test-support/bareBox.ts';
import type { BoxSystem } from '../../../test-support/boxSystem.ts';
import { createMemoryLogSink } from '../../../test-support/memoryLogSink.ts';
import { startSession } from '../../../test-support/openedSession.ts';
import { startStockBox } from '../../../test-support/stockBox.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { createDriver } from '../../driver/driver.ts';
import { createLogFollower } from './follower.ts';
import { createRemoteLog } from './remoteLog.ts';

const path = '/var/log/syslog';
const linesPerRound = 1000;

type Server = {
  system: BoxSystem;
  host: string;
  port: number;
  user: string;
  keyFile: string;
  sudo: 'none' | 'nopasswd';
  stopSshd: () => Promise<void>;
  startSshd: () => Promise<void>;
};

/** Writes numbered lines through the server's rsyslog, and rotates its log with Debian's logrotate. */
function createWriter({ system }: Server) {
  let next = 0;
  return {
    write: async (count = linesPerRound) => {
      const from = next;
      next += count;
      const script = `seq -f 'number %06g of the test' ${from} ${next - 1} | logger --tag counter`;
      await system.mustRun(['sh', '-c', script]);
    },
    written: () => next,
    rotate: async (...rules: string[]) => {
      const hup = rules.includes('copytruncate') ? [] : ['postrotate', 'pkill -HUP -x rsyslogd', 'endscript'];
      const text = [`${path} {`, 'rotate 9', 'create 0640 root adm', ...rules, ...hup, '}', ''].join('\n');
      const script =
        'umask 077; cat >/tmp/rotate.conf; logrotate --force --state /tmp/rotate.state /tmp/rotate.conf';
      await system.mustRun(['sh', '-c', script], { stdin: text });
    },
    /** The numbers in all files of the log, in their order. */
    numbersOnServer: async () => {
      const script = `for file in $(ls -v -r ${path}*); do case $file in *.gz) gzip -dc $file ;; *) cat $file ;; esac; done`;
      return numbersIn(await system.mustRun(['sh', '-c', script]));
    },
  };
}

const numbersIn = (text: string) =>
  [...text.matchAll(/ number (\d{6}) of the test$/gmu)].map(([, digits]) => Number(digits));

function follow(server: Server) {
  const { host, port, user, keyFile, sudo } = server;
  const session = startSession(
    {
      host,
      port,
      user,
      authentication: { agent: false, keyFile, password: false, keyboardInteractive: false },
    },
    { sudo },
  );
  const driver = createDriver(session, { sudo });
  const kept = createMemoryLogSink();
  let ids = 0;
  const follower = createLogFollower({
    applianceId: 'kiln',
    log: createRemoteLog({
      start: (words) => driver.syslogFiles({ path, words }),
      mayRead: () => Promise.resolve(),
      clock: Date.now,
      onBytes: () => undefined,
    }),
    sink: kept.sink,
    onState: () => undefined,
    clock: Date.now,
    newId: () => `source-${(ids += 1)}`,
  });
  const stopListening = session.onChange(({ state }) => {
    if (state === 'connected') follower.wake();
  });
  onTestFinished(async () => {
    stopListening();
    await follower.stop();
    session.release();
  });
  return { kept, follower, session };
}

/** Returns what is kept and what the server has in the end. */
async function followThroughFaults(server: Server, compress: readonly string[]) {
  const writer = createWriter(server);
  const killSessions = () => server.system.run(['pkill', '-KILL', '-x', '-u', server.user, 'sshd']);
  await writer.write();
  const { kept, follower } = follow(server);
  const numbers = () => numbersIn(kept.text());
  const caughtUp = () =>
    waitFor(
      `the last line is kept; ${JSON.stringify(follower.state())}`,
      () => numbers().at(-1) === writer.written() - 1,
    );
  await caughtUp();

  const writing = writer.write();
  await killSessions();
  await writer.rotate(...compress);
  await writing;
  await caughtUp();

  await server.stopSshd();
  await writer.write();
  await writer.rotate(...compress);
  await writer.write(linesPerRound / 2);
  await writer.rotate(...compress);
  await writer.write(linesPerRound / 2);
  await writer.rotate(...compress, 'copytruncate');
  await server.startSshd();
  await caughtUp();

  const last = writer.write();
  await writer.rotate(...compress);
  await killSessions();
  await last;
  await caughtUp();

  return { numbers: numbers(), onServer: await writer.numbersOnServer(), gaps: kept.gaps() };
}

describe('while sshd and sessions are killed and logrotate runs, each line is kept once and in order', () => {
  test('on an appliance whose administrator may read the log only through the kit', async () => {
    const box = await startStockBox();
    onTestFinished(box.stop);
    const { system, host, port, adminUser: user, adminKeyFile: keyFile, stopSshd, startSshd } = box;
    expect((await system.run(['cat', path], { user })).exitCode).toBe(1);
    const { numbers, onServer, gaps } = await followThroughFaults(
      { system, host, port, user, keyFile, sudo: 'nopasswd', stopSshd, startSshd },
      ['compress', 'delaycompress'],
    );
    expect(numbers).toEqual(onServer);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(gaps).toEqual([]);
  });

  test('on a plain server without the kit', async () => {
    const box = await startBareBox();
    onTestFinished(box.stop);
    const { system, host, port, sshd } = box;
    const keyFile = join(box.folder, 'id_ed25519');
    await makeKey(keyFile);
    await addAdministrator(system, { user: 'ubuntu', keyFile, isLogReader: true });
    const { numbers, onServer, gaps } = await followThroughFaults(
      { system, host, port, user: 'ubuntu', keyFile, sudo: 'none', ...sshd },
      ['compress'],
    );
    expect(numbers).toEqual(onServer);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(gaps).toEqual([]);
  });
});
