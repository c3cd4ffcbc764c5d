import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { descendantsOf, isSuspended, killTree } from '../../../../test-support/processTree.ts';
import { waitFor } from '../../../../test-support/waitFor.ts';
import { createWebHostClient } from '../../../../test-support/webHostClient.ts';
import { cliProgram } from '../../../../test-support/cliProgram.ts';

const addressSchema = z.object({ url: z.url(), port: z.number() });
let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-web-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program and reads its output line by line. */
function run(program: string, argv: readonly string[]) {
  const child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  const lines: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const ended = once(child, 'close').then(() => child.exitCode);
  return { child, lines, errors, ended };
}

const webArguments = (...options: string[]) => [
  '--disable-warning=ExperimentalWarning',
  cliProgram,
  '--data',
  join(folder, 'data'),
  ...options,
];

function addressesIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /http:\/\/\S+/u.exec(line)?.[0] ?? []);
}

test('when started, prints the address, serves until a signal and exits with 0', async () => {
  const { child, lines, errors, ended } = run(process.execPath, webArguments('web', '--no-open'));
  await waitFor('the address is printed', () => lines.length > 0);
  expect(lines).toEqual([
    expect.stringMatching(/^Sallyport: http:\/\/[0-9a-f]{24}\.localhost:\d+\/#token=[\w-]{43}$/u),
  ]);
  const [address = ''] = addressesIn(lines);
  expect(await createWebHostClient(address).ask('/')).toMatchObject({ status: 200 });
  await waitFor('the hint is printed', () => errors.length > 0);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(errors).toEqual(['The address works once, within 10 minutes. Press Ctrl+C to stop the console.']);
});

test('when stdin has a line, prints a new address; the end of stdin ends nothing', async () => {
  const { child, lines } = run(process.execPath, webArguments('--json', 'web', '--no-open'));
  await waitFor('the address is printed', () => lines.length === 1);
  child.stdin?.end('\n');
  await waitFor('a second one is printed', () => lines.length === 2);
  const [first, second] = lines.map((line) => addressSchema.parse(JSON.parse(line)));
  expect(second?.port).toBe(first?.port);
  const client = createWebHostClient(first?.url ?? '');
  expect(await client.openSocket({ want: 'session', token: client.token })).toEqual({ closeCode: 4401 });
  expect(await client.signIn(createWebHostClient(second?.url ?? '').token)).toMatch(/^[\w-]{43}$/u);
});

test('when Enter is pressed in its terminal, it prints a new address', async () => {
  const command = [process.execPath, ...webArguments('web', '--no-open')].join(' ');
  const { child, lines } = run('script', ['-qfec', command, join(folder, 'typescript')]);
  await waitFor('the hint is printed', () => lines.some((line) => line.includes('Press Enter')));
  child.stdin?.write('\r');
  await waitFor('a second address is printed', () => addressesIn(lines).length === 2);
  expect(new Set(addressesIn(lines)).size).toBe(2);
});

test('when it runs in the background of a terminal, Enter in that terminal does not suspend it', async () => {
  const web = [process.execPath, ...webArguments('web', '--no-open')].join(' ');
  const command = `set -m; ${web} & while read -r line; do echo "shell read: $line"; done`;
  const { child, lines } = run('script', ['-qfec', `bash -c '${command}'`, join(folder, 'typescript')]);
  await waitFor('the address is printed', () => addressesIn(lines).length === 1);
  for (const word of ['one', 'two', 'three']) child.stdin?.write(`${word}\r`);
  await waitFor('the shell has read all', () => lines.some((line) => line.includes('shell read: three')));
  const [address = ''] = addressesIn(lines);
  expect(await createWebHostClient(address).ask('/')).toMatchObject({ status: 200 });
  const pids = await descendantsOf(child.pid ?? 0);
  expect(await Promise.all(pids.map(isSuspended))).not.toContain(true);
  await killTree(child);
});

test.each(['127.0.0.1', '::1'])(
  'rejects a fixed port that another program uses on %s with PORT_UNAVAILABLE',
  async (address) => {
    const squatter = createServer().listen({ host: address, port: 0 });
    await once(squatter, 'listening');
    const { port } = z.object({ port: z.number() }).parse(squatter.address());
    const { lines, errors, ended } = run(
      process.execPath,
      webArguments('web', '--no-open', '--port', String(port)),
    );
    expect(await ended).toBe(5);
    expect(lines).toEqual([]);
    expect(errors.join('\n')).toMatch(/PORT_UNAVAILABLE/u);
    squatter.close();
  },
);

test('when the host name is fixed, warns about what is less secure', async () => {
  const { lines, errors } = run(
    process.execPath,
    webArguments('web', '--no-open', '--host-name', '127.0.0.1'),
  );
  await waitFor('all is printed', () => lines.length > 0 && errors.join(' ').includes('private window'));
  expect(addressesIn(lines)).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#token=/u)]);
  expect(errors.join(' ')).toMatch(
    /^A fixed name is less secure than the default random name\. .* service worker .* private window/u,
  );
});

test('when the computer has no ::1, serves only on 127.0.0.1', async () => {
  const web = [process.execPath, ...webArguments('--json', 'web', '--no-open')].join(' ');
  const { child, lines } = run('unshare', [
    '--net',
    'sh',
    '-c',
    `echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 && ip link set lo up && exec ${web}`,
  ]);
  await waitFor('the address is printed', () => lines.length === 1);
  const { port } = addressSchema.parse(JSON.parse(lines[0] ?? ''));
  const listening = readFileSync(`/proc/${child.pid}/net/tcp`, 'utf8');
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  expect(listening).toContain(`0100007F:${hexPort} 00000000:0000 0A`);
});
