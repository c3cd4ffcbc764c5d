import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startFakeSshd, ticketOf } from '../../test-support/fakeSshd.ts';
import { changeTenant, showTenant } from '../../test-support/remoteNetworks.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { loadState } from '../core/state/tenantState.ts';

let appliance: StockBox;
const keys = new Map<string, string>();

beforeAll(async () => {
  appliance = await startStockBox();
  for (const clientId of ['acme', 'globex', 'initech']) await changeTenant(appliance, 'add', clientId);
  const { tenants } = await loadState(appliance.config.stateFolder);
  for (const tenant of tenants) keys.set(tenant.clientId, tenant.keys[0]?.blob ?? '');
});
afterAll(() => appliance.stop());

async function startLogIn(clientId: string) {
  const monitor = await startFakeSshd(appliance);
  onTestFinished(monitor.stop);
  const line = await monitor.lookUp(keys.get(clientId) ?? '');
  return { ...monitor, line, ticket: ticketOf(line) };
}

const channel = '/run/sallyport/channels/socket';

/** Runs a program in the box with a user's rights and groups. */
function runAs(user: string, program: string, ...argv: string[]) {
  return appliance.system.run([program, ...argv], { user });
}

describe('a session channel', () => {
  it('when it presents the ticket of its own login, is accepted for that tenant', async () => {
    const { line, ticket, openSession } = await startLogIn('acme');
    expect(line).toMatch(
      /^restrict,port-forwarding,permitlisten="127\.0\.0\.1:\d+",.* ssh-ed25519 AAAA\S+$/u,
    );
    expect(JSON.parse(await openSession(ticket))).toMatchObject({ type: 'welcome', clientId: 'acme' });
  });

  it('rejects a used ticket', async () => {
    const { ticket, openSession } = await startLogIn('acme');
    expect(await openSession(ticket)).toContain('welcome');
    expect(await openSession(ticket)).toBe('');
  });

  it('rejects the ticket of an earlier look-up of the same sshd', async () => {
    const { ticket, openSession, lookUp } = await startLogIn('acme');
    const later = ticketOf(await lookUp(keys.get('acme') ?? ''));
    expect(await openSession(ticket)).toBe('');
    expect(await openSession(later)).toContain('welcome');
  });

  it("rejects another tenant's ticket, and one of the same tenant from another sshd", async () => {
    const [acme, globex, again] = [
      await startLogIn('acme'),
      await startLogIn('globex'),
      await startLogIn('acme'),
    ];
    expect(await acme.openSession(globex.ticket)).toBe('');
    expect(await acme.openSession(again.ticket)).toBe('');
    expect(JSON.parse(await globex.openSession(globex.ticket))).toMatchObject({ clientId: 'globex' });
  });

  it.each(['0'.repeat(32), 'f'.repeat(31), '', '../../auth/1.json'])(
    'rejects the guessed ticket %j',
    async (guess) => {
      const { openSession } = await startLogIn('acme');
      expect(await openSession(guess)).toBe('');
    },
  );

  it('rejects a copied command line that sshd did not start', async () => {
    const { line, ticket } = await startLogIn('acme');
    const [, program = '', ...words] = /command="exec (\S+) (session) (\S+) (\S+)"/u.exec(line) ?? [];
    expect(words[2]).toBe(ticket);
    expect(await runAs('connect', program, ...words)).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('rejects a program that claims to be the client of another session', async () => {
    const { ticket } = await startLogIn('acme');
    const attack = `
      use IO::Socket::UNIX;
      my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no socket";
      my $hello = <$socket>;
      print $socket "session $ARGV[1] $ARGV[2]\\n";
      $socket->flush;
      print scalar <$socket>;`;
    const another = (await appliance.system.mustRun(['pgrep', '-x', 'rsyslogd'])).trim();
    for (const pid of [another, '1']) {
      const { stdout } = await runAs('connect', 'perl', '-e', attack, channel, pid, ticket);
      expect(stdout).toBe('refused\n');
    }
  });
});

describe('a record that a compromised service wrote', () => {
  it.each([
    ['a pipe', ['mkfifo']],
    ['a link to a file that only root reads', ['ln', '-s', '/etc/shadow']],
    ['a file of 3 GB', ['truncate', '-s', '3G']],
  ])('when it is %s, does not stop root from listing', async (_what, [program = '', ...words]) => {
    const { system } = appliance;
    const paths = [
      'sessions/778.json',
      'auth/778.json',
      'auth/778.seen',
      'announcements/initech.json',
      'dial-failures/initech.json',
      'endings/initech.json',
      'command-endings/initech.json',
    ];
    for (const name of paths) {
      const path = `/run/sallyport/${name}`;
      await rm(system.path(path), { force: true });
      await system.mustRun([program, ...words, path], { user: 'sallyport' });
      onTestFinished(() => rm(system.path(path), { force: true }));
    }
    const tenant = await showTenant(appliance, 'initech');
    expect(tenant).toMatchObject({ sessions: [], forwards: [], lastSession: null });
  });
});

describe('the user of all tenants', () => {
  const reader = 'use IO::Socket::UNIX; IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$!\\n"';

  it('cannot ask for a ticket', async () => {
    const path = '/run/sallyport/lookups/socket';
    expect(await runAs('connect', 'perl', '-e', reader, path)).toMatchObject({
      stderr: 'Permission denied\n',
    });
  });

  it.each([
    ['list who logs in', ['ls', '/run/sallyport/auth']],
    ['list the sessions', ['ls', '/run/sallyport/sessions']],
    ['list what is announced', ['ls', '/run/sallyport/announcements']],
    ['read the tenants', ['cat', '/var/lib/sallyport/tenants.json']],
  ])('cannot %s', async (_what, [program = '', path = '']) => {
    expect(await runAs('connect', program, path)).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('Permission denied'),
    });
  });

  it('is the only unprivileged user that can open a session channel', async () => {
    expect(await runAs('connect', 'perl', '-e', reader, channel)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runAs('daemon', 'perl', '-e', reader, channel)).toMatchObject({
      stderr: 'Permission denied\n',
    });
  });
});
