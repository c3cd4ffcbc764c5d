import { aLicence } from '../../test-support/aLicence.ts';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLocalTransport } from '../../test-support/localTransport.ts';
import { createHandshakes } from '../ssh/session/handshakes.ts';
import { createSession } from '../ssh/session/session.ts';
import type { Session } from '../ssh/types.ts';
import { maxTailLines } from './commands.ts';
import { createDriver, findCommandScript, type Driver } from './driver.ts';
import { buildTenantCommand } from './tenantCommands.ts';
import { assertSucceeded } from './exitCodes.ts';
import { quoteArgv } from '../../src-shared/base/quoteArgv.ts';
import { unparsedDetailSchema } from '../../src-shared/errorFacts.ts';
import { limitText } from '../ssh/transport/serverTexts.ts';
import { unparsedTextLimit } from './unparsed.ts';

const licence = aLicence({ state: 'missing', reason: 'no licence is installed' });

/** The start-up file of the login shell. */
let startup = '';
/** Folder with executable scripts that have the names of the appliance's commands. */
let folder: string;
let sessionOptions: Parameters<typeof createSession>[0];
let session: Session;
let driver: Driver;

beforeEach(async () => {
  startup = '';
  folder = mkdtempSync(join(tmpdir(), 'driver-test-'));
  sessionOptions = {
    transport: createLocalTransport({
      environment: { PATH: `${folder}:/usr/bin:/bin` },
      startup: () => startup,
    }),
    target: {
      host: 'appliance.test',
      port: 22,
      user: 'ubuntu',
      authentication: { agent: false, keyFile: null, password: false, keyboardInteractive: false },
    },
    jumps: [],
    sudo: 'none',
    verifyHostKey: () => Promise.resolve(),
    askSecret: () => Promise.resolve(null),
    handshakes: createHandshakes(),
  };
  session = createSession(sessionOptions);
  driver = createDriver(session, { sudo: 'none' });
  session.want();
  await session.ready(60_000);
});

afterEach(() => {
  session.release();
  rmSync(folder, { recursive: true });
});

function install(name: string, script: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** Installs a command that prints exactly `text`. */
function installPrinting(name: string, text: string | Buffer): void {
  writeFileSync(join(folder, `${name}.out`), text);
  install(name, `cat ${join(folder, `${name}.out`)}`);
}

describe('what an appliance answers', () => {
  test('is requested as JSON and validated', async () => {
    install('ke_manage_license_key', `[ "$*" = "show --json" ] && echo '${JSON.stringify(licence)}'`);
    expect(await driver.licence()).toEqual(licence);
  });

  test('when the list lacks the requested tenant, rejects with NOT_FOUND', async () => {
    const networks = { contract: 1, portRange: { first: 2200, last: 5199 }, tenants: [], refusedLogIns: [] };
    installPrinting('ke_manage_remote_networks', JSON.stringify(networks));
    expect(await driver.remoteNetworks()).toEqual(networks);
    await expect(driver.remoteNetworks('acme')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(driver.remoteNetworks('--help')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test.each([
    [2, 'INVALID_INPUT'],
    [3, 'NOT_FOUND'],
    [4, 'NOT_PERMITTED'],
    [5, 'BUSY'],
    [6, 'LICENCE_FORBIDS'],
    [7, 'VERIFICATION_FAILED'],
    [1, 'COMMAND_FAILED'],
    [77, 'COMMAND_FAILED'],
  ])('exit code %i is %s with the first line of stderr', async (exitCode, code) => {
    install('ke_status', `printf '\\n  the \\033[31mreason\\033[0m\\nmore\\n' >&2; exit ${exitCode}`);
    await expect(driver.status()).rejects.toMatchObject({
      code,
      message: 'ke_status: the ␛[31mreason␛[0m',
      detail: { command: 'ke_status', exitCode },
    });
  });

  test.each([
    ['NOT_FOUND', 'no tenant acme'],
    ['ALREADY_EXISTS', 'acme is there'],
    ['CONFLICT', 'process 7 is no sshd of a tenant'],
  ])('exit code 3 is the error that the command names: %s', async (code, reason) => {
    install('ke_status', `echo 'ke_status: ${code}: ${reason}' >&2; exit 3`);
    await expect(driver.status()).rejects.toMatchObject({ code, message: `ke_status: ${reason}` });
  });

  test('when sudo prints a warning first, returns the code and reason of the command', async () => {
    install(
      'ke_status',
      `echo 'sudo: unable to resolve host kiln' >&2; echo 'ke_status: ALREADY_EXISTS: acme is there' >&2; exit 3`,
    );
    await expect(driver.status()).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: 'ke_status: acme is there',
    });
  });

  test('when the printed code doesn’t match the exit code, ignores it', async () => {
    install('ke_status', `echo 'ke_status: CONFLICT: meanwhile' >&2; exit 4`);
    await expect(driver.status()).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: 'ke_status: meanwhile',
    });
  });

  test('when a command is missing or was killed, says so', async () => {
    await expect(driver.status()).rejects.toMatchObject({
      code: 'COMMAND_MISSING',
      message: 'ke_status is not installed on this appliance.',
    });
    expect(() =>
      assertSucceeded('ke_status', { exitCode: null, signal: 'SIGKILL', stdout: '', stderr: '' }),
    ).toThrow(expect.objectContaining({ code: 'COMMAND_FAILED', message: 'ke_status: ended by SIGKILL' }));
  });

  test('when sudo refuses, distinguishes a missing command from a forbidden one', async () => {
    install('sudo', `echo 'sudo: a password is required' >&2; exit 1`);
    const withSudo = createSession({ ...sessionOptions, sudo: 'nopasswd' });
    const privileged = createDriver(withSudo, { sudo: 'nopasswd' });
    withSudo.want();
    try {
      await withSudo.ready(60_000);
      const missing = { code: 'COMMAND_MISSING', message: 'ke_status is not installed on this appliance.' };
      await expect(privileged.status()).rejects.toMatchObject(missing);
      const change = buildTenantCommand({
        verb: 'change',
        quota: 0,
        clientId: 'acme',
        unchangedSince: null,
      });
      await expect(privileged.changeTenant(change)).rejects.toMatchObject({ code: 'COMMAND_MISSING' });
      for (const name of ['ke_status', 'ke_manage_remote_networks']) install(name, 'exit 0');
      await expect(privileged.status()).rejects.toMatchObject({ code: 'SUDO_REFUSED' });
      await expect(privileged.changeTenant(change)).rejects.toMatchObject({ code: 'SUDO_REFUSED' });
    } finally {
      withSudo.release();
    }
  });

  test('when sudo refuses, a command in any folder of the search path counts as installed', async () => {
    install('sudo', `echo 'sudo: a password is required' >&2; exit 1`);
    const withSudo = createSession({ ...sessionOptions, sudo: 'nopasswd' });
    withSudo.want();
    try {
      await withSudo.ready(60_000);
      // Searches for `ls` with a PATH that does not contain it. A standard folder of sudo's search path does.
      const search = withSudo.run({
        argv: ['sh', '-c', `PATH=/nowhere:/else; ${findCommandScript}`, 'sh', 'ls'],
        privileged: false,
      });
      expect((await search).exitCode).toBe(0);
      const last = withSudo.run({
        argv: ['sh', '-c', `PATH=/nowhere:/etc/ssh; ${findCommandScript}`, 'sh', 'ssh_config'],
        privileged: false,
      });
      expect((await last).exitCode).toBe(0);
      const none = withSudo.run({
        argv: ['sh', '-c', findCommandScript, 'sh', 'ke_nothing'],
        privileged: false,
      });
      expect((await none).exitCode).toBe(1);
    } finally {
      withSudo.release();
    }
  });

  test('when the appliance has no --json, returns the raw text marked as unparsed', async () => {
    install(
      'ke_status',
      `[ "$1" = --json ] && { echo "unknown option --json" >&2; exit 2; }; echo "appliance 1.8.3, all well"`,
    );
    await expect(driver.status()).rejects.toMatchObject({
      code: 'OUTPUT_UNPARSED',
      detail: {
        command: 'ke_status',
        text: 'appliance 1.8.3, all well\n',
        reason: 'this appliance does not support --json',
      },
    });
  });

  test.each([
    ['nothing', '', 'it is empty'],
    ['HTML', '<html><script>alert(1)</script>', 'it is not JSON'],
    ['escape sequences', '\u001b[2J\u001b]0;owned\u0007', 'it is not JSON'],
    ['JSON of another shape', '{"contract":1}', 'state has an unexpected value'],
    [
      'a JSON of another contract',
      JSON.stringify({ ...licence, contract: 2 }),
      'contract has an unexpected value',
    ],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x7b]), 'it is not JSON'],
    ['two documents', `${JSON.stringify(licence)}${JSON.stringify(licence)}`, 'it is not JSON'],
    [
      'JSON that is nested 33 levels',
      `${'['.repeat(33)}${']'.repeat(33)}`,
      'it is nested more than 32 levels deep',
    ],
    ['brackets left open', '['.repeat(200_000), 'it is nested more than 32 levels deep'],
    ['5,001 values', JSON.stringify(Array.from({ length: 5000 }, () => 0)), 'it holds more than 5000 values'],
  ])('when the output is %s, rejects with OUTPUT_UNPARSED and the raw text', async (_name, text, reason) => {
    installPrinting('ke_manage_license_key', text);
    await expect(driver.licence()).rejects.toMatchObject({
      code: 'OUTPUT_UNPARSED',
      detail: {
        command: 'ke_manage_license_key show',
        reason,
        text: text.toString().slice(0, unparsedTextLimit),
      },
    });
  });

  test.each([
    ['a greeting', 'Welcome to kiln-01\n'],
    ['a greeting without a line end', 'Welcome to kiln-01 '],
    ['a greeting with braces', '{ kiln-01 }\n'],
    ['two lines and escapes', '\u001b[1mkiln\u001b[0m\nlast login: never\n'],
    ['a warning of the locale', 'bash: warning: setlocale: LC_ALL: cannot change locale (de_DE)\n'],
  ])('when a start-up file prints %s first, reads the answer and notes the text', async (_what, text) => {
    startup = `printf %s ${quoteArgv([text])}`;
    installPrinting('ke_manage_license_key', JSON.stringify(licence));
    expect(await driver.licence()).toEqual(licence);
    const state = session.state();
    expect(state).toMatchObject({ notes: { startupText: limitText(text) } });
    startup = '';
    await driver.licence();
    expect(session.state()).toMatchObject({ notes: { startupText: null } });
  });

  test.each([
    ['a second document', (document: string) => `${document}\n${document}`],
    ['text behind it', (document: string) => `${document}\nbye`],
    ['text in front of it', (document: string) => `Hello\n${document}`],
  ])('when the output has %s, rejects it', async (_what, change) => {
    installPrinting('ke_manage_license_key', change(JSON.stringify(licence)));
    await expect(driver.licence()).rejects.toMatchObject({ code: 'OUTPUT_UNPARSED' });
  });

  test('when a start-up file prints first, a change returns its private key exactly', async () => {
    const privateKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbg==\n-----END OPENSSH PRIVATE KEY-----\n';
    const change = {
      contract: 1,
      clientId: 'acme',
      action: 'added',
      quota: 20,
      ports: [],
      endedSessions: 0,
      fingerprint: null,
      privateKey,
    };
    startup = `echo 'Hi {"you"}'`;
    installPrinting('ke_manage_remote_networks', `${JSON.stringify(change)}\n`);
    const command = buildTenantCommand({ verb: 'remove', clientId: 'acme', unchangedSince: null });
    expect(await driver.changeTenant(command)).toEqual(change);
  });

  test.each([
    ['exit 0', ''],
    ['exit 1', ' with exit code 1'],
    ['exit 2', ' with exit code 2'],
    ['exit 3', ' with exit code 3'],
    ['exit 4', ' with exit code 4'],
    ['exit 6', ' with exit code 6'],
    ['exit 127', ' with exit code 127'],
    ['set -e; false', ' with exit code 1'],
    ['echo closed; exit 5', ' with exit code 5. The shell said: “closed”'],
    ['echo "no “$USER”" >&2; kill -9 $$', '. The shell said: “no ’’”'],
  ])('when a start-up file has %s, nothing ran, and its code is not the command’s', async (text, words) => {
    for (const name of ['ke_status', 'ke_manage_remote_networks', 'ke_syslog'])
      install(name, `echo ran >> ${folder}/ran`);
    startup = text;
    const change = buildTenantCommand({ verb: 'remove', clientId: 'acme', unchangedSince: null });
    const ended = `did not run: a start-up file of the login shell, such as .bashrc, ends the shell before it${words}.`;
    for (const run of [driver.status, () => driver.remoteNetworks('acme'), () => driver.changeTenant(change)])
      await expect(run()).rejects.toMatchObject({
        code: 'COMMAND_FAILED',
        message: expect.stringContaining(ended),
      });
    await expect(driver.readSyslog({ path: '/nowhere' })).rejects.toMatchObject({
      code: 'LOG_UNREADABLE',
      message: expect.stringContaining(ended),
    });
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  test('when tail gives no reason, the log’s error names its exit code', async () => {
    install('tail', 'echo >&2; exit 9');
    await expect(driver.readSyslog({ path: '/nowhere' })).rejects.toMatchObject({
      code: 'LOG_UNREADABLE',
      message: expect.stringContaining(
        'The log can’t be read: tail ended with exit code 9 and gave no reason.',
      ),
    });
  });

  test('when the log does not exist and there is no ke_syslog, says only that, as no right is missing', async () => {
    const error = { code: 'LOG_UNREADABLE', message: 'The log can’t be read: /nowhere does not exist.' };
    await expect(driver.readSyslog({ path: '/nowhere' })).rejects.toMatchObject(error);
    await expect(driver.syslogTail({ path: '/nowhere', lines: 5 })).rejects.toMatchObject(error);
    expect(await driver.findLogProblem({ path: '/nowhere' })).toBe(error.message);
  });

  test('when a command fails and only its stdout has a reason, quotes it, but never for a change', async () => {
    install('ke_status', 'echo "Access to kiln-01 is closed."; exit 3');
    await expect(driver.status()).rejects.toMatchObject({
      message: expect.stringContaining('Access to kiln-01 is closed.'),
    });
    install('ke_manage_remote_networks', 'echo "-----BEGIN OPENSSH PRIVATE KEY-----"; exit 3');
    const command = buildTenantCommand({ verb: 'remove', clientId: 'acme', unchangedSince: null });
    await expect(driver.changeTenant(command)).rejects.toMatchObject({
      message: expect.not.stringContaining('PRIVATE KEY'),
    });
  });

  test('when the raw text is long, keeps a part and marks it as truncated', async () => {
    installPrinting('ke_manage_license_key', 'x'.repeat(unparsedTextLimit + 1));
    const error: unknown = await driver.licence().catch((thrown: unknown) => thrown);
    const detail = unparsedDetailSchema.parse(error instanceof Error && 'detail' in error && error.detail);
    expect(detail.text).toHaveLength(unparsedTextLimit);
    expect(detail.truncated).toBe(true);
  });

  test('when the output never ends, stops reading in limited memory', async () => {
    install('ke_manage_license_key', 'exec yes "{}"');
    await expect(driver.licence()).rejects.toMatchObject({ code: 'OUTPUT_TOO_LARGE' });
  });

  test('when the output is any bytes, returns a value or throws an AppError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        installPrinting('ke_manage_license_key', Buffer.from(bytes));
        await expect(driver.licence()).rejects.toMatchObject({ code: 'OUTPUT_UNPARSED' });
      }),
      { numRuns: 15 },
    );
  });
});

describe('the tail of a log', () => {
  test('starts with the requested lines and then follows the log', async () => {
    const path = join(folder, "a log's name");
    writeFileSync(path, 'one\ntwo\nthree\n');
    const tail = await driver.syslogTail({ path, lines: 2 });
    let text = '';
    tail.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    tail.stderr.resume();
    await expect.poll(() => text).toBe('two\nthree\n');
    writeFileSync(path, 'four\n', { flag: 'a' });
    await expect.poll(() => text).toBe('two\nthree\nfour\n');
    tail.kill();
    await tail.exited;
  });

  test.each([
    [{ path: 'relative', lines: 1 }],
    [{ path: '--version', lines: 1 }],
    [{ path: '/a\0b', lines: 1 }],
    [{ path: '/a', lines: -1 }],
    [{ path: '/a', lines: 1.5 }],
    [{ path: '/a', lines: maxTailLines + 1 }],
  ])('rejects %j', async (input) => {
    await expect(driver.syslogTail(input)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
