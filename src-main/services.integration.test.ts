import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signalUnlessEnded } from '../src-shared/node/signalUnlessEnded.ts';
import type { ApplianceView } from '../src-shared/contract/fleet.ts';
import type { ApplianceEntry } from '../src-shared/model/appliance/applianceEntry.ts';
import type { Tunnel } from '../src-shared/model/tunnels/chain.ts';
import type { SyslogLine } from '../src-shared/model/syslog/syslogLine.ts';
import { applianceInput } from '../test-support/applianceInput.ts';
import { expectWithin } from '../test-support/expectWithin.ts';
import { startStockBox, type StockBox } from '../test-support/stockBox.ts';
import { waitFor } from '../test-support/waitFor.ts';
import { createServices, type Services } from './services.ts';

let appliance: StockBox;
let folder: string;
let services: Services;
let entry: ApplianceEntry;
const watching = new AbortController();

beforeAll(async () => {
  appliance = await startStockBox();
  folder = await mkdtemp(join(tmpdir(), 'sallyport-console-'));
  services = createServices({ dataFolder: join(folder, 'data'), host: 'web', operator: 'tester' });
  entry = await services.appliances.add(applianceInput(appliance), null);
});

afterAll(async () => {
  watching.abort();
  await services.close();
  await appliance.stop();
  await rm(folder, { recursive: true, force: true });
});

function view(): ApplianceView {
  return services.fleet.view(entry.id);
}

function tunnelOf(clientId: string): Tunnel | undefined {
  return services.fleet.tenants(entry.id).find((one) => one.tenant.clientId === clientId)?.tunnels[0];
}

/**
 * Starts a stock `ssh -R` of a tenant that forwards its first port. No test connects to the destination.
 */
async function openTunnel(clientId: string): Promise<{ port: number; kill: () => void }> {
  const added = await appliance.ke(['ke_manage_remote_networks', 'add', clientId, '--json']);
  const change: { privateKey: string; ports: { first: number }[] } = JSON.parse(added.stdout);
  const keyFile = join(folder, clientId);
  await writeFile(keyFile, change.privateKey, { mode: 0o600 });
  const port = change.ports[0]?.first ?? 0;
  const client = spawn(
    'ssh',
    [
      '-F',
      'none',
      '-N',
      '-i',
      keyFile,
      '-p',
      String(appliance.port),
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      `UserKnownHostsFile=${join(folder, 'known_hosts')}`,
      '-o',
      'ExitOnForwardFailure=yes',
      '-R',
      `127.0.0.1:${port}:127.0.0.1:9`,
      `${appliance.config.connectUser}@${appliance.host}`,
    ],
    { stdio: 'ignore' },
  );
  return { port, kill: () => client.kill('SIGKILL') };
}

describe('the console and an appliance behind a real sshd', () => {
  test('when a host key is unknown, waits until the user accepts exactly this key', async () => {
    void (async () => {
      for await (const _ of services.fleet.watch(watching.signal));
    })();
    await waitFor('the host key is asked for', () => view().link.state === 'waiting-host-key');
    const { link } = view();
    if (link.state !== 'waiting-host-key') throw new Error(link.state);
    expect(link.offered).toMatchObject(appliance.hostKey());
    await expect(
      services.appliances.acceptHostKey(entry.id, `SHA256:${'A'.repeat(43)}`),
    ).rejects.toMatchObject({ code: 'VERIFICATION_FAILED' });
    await services.appliances.acceptHostKey(entry.id, link.offered.fingerprint);
    await waitFor('the appliance is well', () => view().health.tone === 'ok');
    expect(view().status?.value.versions.appliance).toBe(appliance.config.applianceVersion);
    await waitFor('the licence is known', () => view().licence?.value.state === 'not-required');
  });

  test('lists the tenant and port of a plain ssh -R, and marks them when its client is killed', async () => {
    const { port, kill } = await openTunnel('acme');
    await waitFor('the tunnel listens', () => tunnelOf('acme')?.code === 'T-4000');
    expect(tunnelOf('acme')).toMatchObject({ port, tone: 'ok', word: 'listening', peer: appliance.near[0] });
    expect(view().ports).toEqual({ allotted: 20, listening: 1 });
    expect(view().capacity?.[0]).toMatchObject({ allotted: 1, listening: 0.05 });
    kill();
    await waitFor(
      'the tunnel is marked',
      () => tunnelOf('acme')?.tone === 'warn' || tunnelOf('acme')?.tone === 'bad',
    );
    expect(view().tunnels.down + view().tunnels.attention).toBe(1);
    expect(view().health.problems.map((problem) => problem.clientId)).toContain('acme');
    await appliance.ke(['ke_manage_remote_networks', 'remove', 'acme']);
    await waitFor('the appliance is well', () => view().health.tone === 'ok');
  });

  test('shows a line written with logger within seconds, whatever it contains', async () => {
    const stop = new AbortController();
    const seen: SyslogLine[] = [];
    const reading = (async () => {
      for await (const batch of services.syslog.tail({
        applianceIds: [entry.id],
        lines: 100,
        signal: stop.signal,
      })) {
        seen.push(...batch.lines);
        services.syslog.ack(batch.streamId, batch.batch);
      }
    })();
    await appliance.logger('first, to see that the tail runs');
    await waitFor('the tail runs', () =>
      seen.some((line) => line.message.includes('to see that the tail runs')),
    );
    for (const text of ['<script>alert(1)</script>', 'red \u001b[31mtext', 'plain'])
      await expectWithin(5000, async () => {
        await appliance.logger(text);
        await waitFor('the line is there', () => seen.some((line) => line.message.includes(text.slice(-8))));
      });
    expect(seen.every((line) => line.kind === 'line')).toBe(true);
    stop.abort();
    await reading;
  });

  test('when two readers share a tail, each gets a burst of lines whole and in order', async () => {
    const stop = new AbortController();
    const total = 10_000;
    const read = async () => {
      const numbers: number[] = [];
      const request = { applianceIds: [entry.id], lines: 0, signal: stop.signal };
      for await (const batch of services.syslog.tail(request)) {
        for (const line of batch.lines) {
          const number = /^burst (\d+)$/u.exec(line.message)?.[1];
          if (number !== undefined) numbers.push(Number(number));
        }
        services.syslog.ack(batch.streamId, batch.batch);
        if (numbers.length === total) break;
      }
      return numbers;
    };
    // Read the old lines first, so that none of them is returned as a new line.
    await services.syslog.readLast(entry.id, 1);
    const readers = [read(), read()];
    const lines = Array.from(
      { length: total },
      (_, number) => `Nov 20 12:00:00 kiln burst: burst ${number}\n`,
    );
    await appendFile(appliance.syslogFile, lines.join(''));
    const expected = Array.from({ length: total }, (_, number) => number);
    expect(await Promise.all(readers)).toEqual([expected, expected]);
    // A follower starts its program again when there were lines.
    await waitFor('one program follows the log', async () => {
      const { stdout } = await appliance.system.run(['pgrep', '-cf', '^perl -e use strict']);
      return stdout.trim() === '1';
    });
    stop.abort();
  });

  test('when the link was lost, continues the log without gap or duplicate', async () => {
    const stop = new AbortController();
    const seen: SyslogLine[] = [];
    const reading = (async () => {
      for await (const batch of services.syslog.tail({
        applianceIds: [entry.id],
        lines: 10,
        signal: stop.signal,
      })) {
        seen.push(...batch.lines);
        services.syslog.ack(batch.streamId, batch.batch);
      }
    })();
    const count = (text: string) => seen.filter((line) => line.message.includes(text)).length;
    await appliance.logger('before the cut');
    await waitFor('the line before the cut', () => count('before the cut') === 1);
    await appliance.stopSshd();
    await waitFor('the link is seen to be lost', () => view().link.state === 'retrying');
    await appliance.logger('during the cut');
    await appliance.startSshd();
    await waitFor('the link is back', () => view().link.state === 'connected');
    await appliance.logger('after the cut');
    await waitFor('the line after the cut', () => count('after the cut') === 1);
    expect([count('before the cut'), count('during the cut'), count('after the cut')]).toEqual([1, 1, 1]);
    expect(seen.filter((line) => line.kind === 'gap')).toEqual([]);
    stop.abort();
    await reading;
  });

  test('when an appliance’s output has another format, shows it raw and as a problem until it is fixed', async () => {
    const command = appliance.system.path('/usr/local/sbin/ke_status');
    const watch = appliance.system.path('/usr/local/sbin/ke_watch');
    const listener = ['-f', 'sallyport-client ask'];
    await waitFor(
      'the console listens',
      async () => (await appliance.system.run(['pgrep', ...listener])).exitCode === 0,
    );
    // An older kit, whose output is asked for again and again.
    await rename(watch, `${watch}.real`);
    await rename(command, `${command}.real`);
    await writeFile(command, "#!/bin/sh\nprintf 'up 3 days <b>'\n", { mode: 0o755 });
    // Its connection may have ended in the meantime.
    await appliance.system.run(['pkill', ...listener]);
    await waitFor('the problem shows', () =>
      view().health.problems.some((problem) => problem.code === 'A-1020'),
    );
    expect(view().unparsed?.value).toMatchObject({ command: 'ke_status', text: 'up 3 days <b>' });
    expect(view().health.tone).toBe('warn');
    await rename(`${command}.real`, command);
    await waitFor('the appliance is well', () => view().health.tone === 'ok');
    expect(view().unparsed).toBeNull();
    await rename(`${watch}.real`, watch);
  });

  test('when an appliance’s sshd hangs, is not OK, and recovers automatically', async () => {
    await waitFor('the appliance is well', () => view().health.tone === 'ok');
    const pids = await appliance.sshdProcesses();
    signal(pids, 'SIGSTOP');
    try {
      await waitFor('the appliance is not well', () => view().health.tone !== 'ok');
      expect(view().health.problems[0]?.code).toMatch(/^A-100[13]$/u);
    } finally {
      signal(pids, 'SIGCONT');
    }
    await waitFor('the appliance is well', () => view().health.tone === 'ok');
  });

  test('when a host key has changed, stops and names both keys until the user replaces it', async () => {
    const before = appliance.hostKey();
    const after = await appliance.rotateHostKey();
    await waitFor('the link has stopped', () => view().link.state === 'stopped');
    const { link } = view();
    if (link.state !== 'stopped') throw new Error(link.state);
    expect(link.error).toMatchObject({
      code: 'HOST_KEY_CHANGED',
      detail: { pinned: before, offered: after },
    });
    expect(view().health.tone).toBe('bad');
    await services.appliances.replaceHostKey({
      id: entry.id,
      oldFingerprint: before.fingerprint,
      newFingerprint: after.fingerprint,
    });
    await waitFor('the appliance is well', () => view().health.tone === 'ok');
  });

  test('the trail has every action and every change of the link, and is valid', async () => {
    const { records } = services.audit.list({ before: null, limit: 500, query: '' });
    const events = new Set(records.map((record) => record.event));
    expect([...events]).toEqual(
      expect.arrayContaining([
        'appliance.add',
        'hostKey.accept',
        'hostKey.replace',
        'link.up',
        'link.down',
        'link.stopped',
        'syslog.tail',
      ]),
    );
    expect(await services.audit.verify()).toMatchObject({ ok: true, unfinished: [] });
  });
});

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) signalUnlessEnded(pid, name);
}
