import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectWithin } from '../../../test-support/expectWithin.ts';
import { waitFor } from '../../../test-support/waitFor.ts';
import { loadDialFailures } from './dialFailures.ts';
import { serveRegistrar } from './registrar.ts';
import type { RegistrarState } from './registrarConversation.ts';
import {
  clientMessageSchema,
  encodeMessage,
  serverMessageSchema,
  type AnnouncedForward,
} from './registrarProtocol.ts';
import { loadAnnouncements } from './announcements.ts';
import { loadSessionEnd, saveSessionEnd, unknownEndReason } from './sessionRecords.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registrar-'));
  for (const name of ['announcements', 'dial-failures', 'endings', 'command-endings', 'ports'])
    await mkdir(join(folder, name));
  const key = { type: 'ssh-ed25519', blob: 'AAAA', fingerprint: 'SHA256:x', addedAt: '2026-01-01T00:00:00Z' };
  const tenant = { clientId: 'acme', suspended: false, ports: [{ first: 2200, last: 5199 }], keys: [key] };
  await writeFile(join(folder, 'tenants.json'), JSON.stringify({ format: 1, tenants: [tenant] }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ownProcess = { pid: 4711, startTicks: 9 };
let lastUpAt = Date.now();
beforeEach(() => void (lastUpAt = Date.now()));
const loadOwn = () => loadAnnouncements({ runFolder: folder, clientId: 'acme' })[0];

function serve(listenAddress?: string, resumed?: RegistrarState, saysHello = true) {
  const input = new PassThrough();
  const output = new PassThrough();
  const gone = new AbortController();
  const states: RegistrarState[] = [];
  const outcome = serveRegistrar({
    config: {
      stateFolder: folder,
      runFolder: folder,
      applianceVersion: '1.0.0',
      ...(listenAddress === undefined ? {} : { listenAddress }),
    },
    clientId: 'acme',
    fingerprint: 'SHA256:x',
    peer: null,
    process: ownProcess,
    isLive: async () => true,
    input,
    output,
    onState: async (state) => void states.push(state),
    signal: gone.signal,
    lastUpAt: () => lastUpAt,
    ...(resumed === undefined ? {} : { resumed }),
    now: Date.now,
  });
  if (saysHello) input.write(encodeMessage({ type: 'hello', connectVersion: '1.2.3' }));
  return { input, output, gone, states, outcome };
}

async function allotPorts(count: number): Promise<void> {
  const path = join(folder, 'tenants.json');
  const state = (await readFile(path, 'utf8')).replace('5199', `${2199 + count}`);
  await writeFile(path, state);
}

describe('a welcome', () => {
  it.each([
    ['the appliance is no cluster member', undefined, 20, undefined],
    ['it is a cluster member', '10.77.0.2', 1365, '10.77.0.2'],
    ['the tenant has more ports than sshd can permit there', '10.77.0.2', 1366, undefined],
  ])('when %s, names the address for cluster members', async (_, listenAddress, count, told) => {
    await allotPorts(count);
    const { input, output, outcome } = serve(listenAddress);
    input.end();
    await outcome;
    const [line = ''] = String(output.read()).split('\n');
    const welcome = serverMessageSchema.parse(JSON.parse(line));
    expect(welcome.type === 'welcome' && welcome.listenAddress).toBe(told);
  });
});

function parseMessages(text: string) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => serverMessageSchema.parse(JSON.parse(line)));
}

describe('the ports of repositories', () => {
  it('when a session has ended, are in the welcome of the next one', async () => {
    const first = serve();
    const { uri } = forward(2203);
    const forwards = ['b', 'a'].map((repository, index) => ({
      port: 2203 + index,
      group: 'g',
      repository,
      uri,
    }));
    first.input.end(encodeMessage({ type: 'announce', forwards }));
    await first.outcome;
    const next = serve();
    next.input.end();
    await next.outcome;
    expect(parseMessages(String(next.output.read()))).toMatchObject([
      {
        type: 'welcome',
        remembered: [
          { port: 2203, group: 'g', repository: 'b' },
          { port: 2204, group: 'g', repository: 'a' },
        ],
      },
    ]);
  });

  it('when they are too many for one message, come in several before the welcome', async () => {
    const first = serve();
    const forwards = Array.from({ length: 3000 }, (_, index) => forward(2200 + index));
    first.input.end(encodeMessage({ type: 'announce', forwards }));
    await first.outcome;
    const next = serve();
    let text = '';
    next.output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    next.input.end();
    await next.outcome;
    const messages = parseMessages(text);
    expect(messages.slice(0, -1).every(({ type }) => type === 'remembered')).toBe(true);
    expect(messages.at(-1)?.type).toBe('welcome');
    const recalled = messages.flatMap((message) =>
      message.type === 'remembered'
        ? message.ports
        : message.type === 'welcome'
          ? (message.remembered ?? [])
          : [],
    );
    expect(recalled.map(({ port }) => port)).toStrictEqual(forwards.map(({ port }) => port));
  });

  it('when they can’t be stored, does not refuse the announcement', async () => {
    await rm(join(folder, 'ports'), { recursive: true });
    const { input, output, outcome } = serve();
    input.end(encodeMessage({ type: 'announce', forwards: [forward(2200)] }));
    await outcome;
    expect(String(output.read())).toContain('accepted');
  });
});

function forward(port: number): AnnouncedForward {
  const uri = `webdav+https://files-${port}.department.customer.example:443/remote/documents/shared`;
  return { port, group: 'a group of repositories', repository: `a repository ${port}`, uri };
}

describe('the registrar when a client sends too much', () => {
  it('stores at most one heartbeat per second', async () => {
    const { input, outcome, states } = serve();
    const begun = performance.now();
    input.end(encodeMessage({ type: 'heartbeat' }).repeat(500));
    expect(await outcome).toBe('ended');
    expect(states.length).toBeLessThanOrEqual(2 + Math.floor((performance.now() - begun) / 1000));
  });

  it('when a client keeps sending refused messages, expels it', async () => {
    const { input, output, outcome } = serve();
    input.write('nonsense\n'.repeat(50_000));
    expect(await outcome).toBe('expelled');
    const said = String(output.read());
    expect(said.match(/MALFORMED/g)).toHaveLength(8);
  });

  it('reads no faster than it processes, and still ends with the connection', async () => {
    const { input, gone, outcome } = serve();
    const announcement = encodeMessage({ type: 'announce', forwards: [forward(2200)] });
    input.write(announcement.repeat(2_000));
    await waitFor('the first one is kept', () => loadOwn() !== undefined);
    expect(input.write(announcement.repeat(2_000))).toBe(false);
    gone.abort();
    expect(await outcome).toBe('ended');
  });

  it('accepts an announcement of every port that exists', async () => {
    const { input, output, outcome } = serve();
    const forwards = Array.from({ length: 3000 }, (_, index) => forward(2200 + index));
    input.end(encodeMessage({ type: 'announce', forwards }));
    await outcome;
    expect(String(output.read())).toContain('accepted');
    expect(loadOwn()?.forwards).toHaveLength(3000);
  });
});

const failure = (port: number, reason = 'name') => ({
  port,
  reason,
  message: 'getaddrinfo ENOTFOUND gone.corp',
  agoMs: 1000,
});
const loadFailures = () => loadDialFailures({ runFolder: folder, clientId: 'acme', session: ownProcess });

const report = (first: number) =>
  encodeMessage({
    type: 'dial-failures',
    failures: Array.from({ length: 50 }, (_, index) => failure(first + index)),
  });

describe('reports of failed connections', () => {
  it('are negotiated, stored for the session, and refused in no case that a later Connect may cause', async () => {
    const { input, output, outcome } = serve();
    const failures = [failure(2200), failure(2201, 'a-reason-of-later'), failure(80)];
    input.end(encodeMessage({ type: 'dial-failures', failures }));
    await outcome;
    const messages = parseMessages(String(output.read()));
    expect(messages).toMatchObject([{ type: 'welcome', accepts: ['dial-failures'] }]);
    const stored = loadFailures();
    expect([...stored.keys()]).toStrictEqual([2200, 2201]);
    expect(stored.get(2200)).toMatchObject({ reason: 'name', message: 'getaddrinfo ENOTFOUND gone.corp' });
    expect(Date.parse(stored.get(2200)?.at ?? '')).toBeLessThanOrEqual(Date.now() - 1000);
    expect(stored.get(2201)?.reason).toBe('other');
    const another = { runFolder: folder, clientId: 'acme', session: { pid: 4711, startTicks: 10 } };
    expect(loadDialFailures(another).size).toBe(0);
  });

  it('when a service takes over a session, are accepted with the ports that it sends', async () => {
    const { input, output, outcome } = serve(undefined, { connectVersion: '1.0.3', lastHeartbeatAt: null });
    input.end();
    await outcome;
    expect(parseMessages(String(output.read()))).toStrictEqual([
      { type: 'ports', ports: [{ first: 2200, last: 5199 }], accepts: ['dial-failures'] },
    ]);
  });

  it('when the ports of a session change, are accepted with the new ports too', async () => {
    const { input, output, outcome } = serve();
    await waitFor('the session is welcome', async () => output.readableLength > 0);
    await allotPorts(20);
    let text = '';
    await waitFor('the new ports are sent', async () => {
      text += String(output.read() ?? '');
      return text.includes('"ports","ports"');
    });
    input.end();
    await outcome;
    expect(parseMessages(text).at(-1)).toStrictEqual({
      type: 'ports',
      ports: [{ first: 2200, last: 2219 }],
      accepts: ['dial-failures'],
    });
  });

  it('when a client reports every port, are bounded, and the latest are kept', async () => {
    const { input, outcome } = serve();
    for (let first = 2200; first < 2600; first += 50) input.write(report(first));
    input.end();
    await outcome;
    const ports = [...loadFailures().keys()];
    expect(ports).toHaveLength(256);
    expect(ports.at(-1)).toBe(2599);
  });

  it('when a client reports without end, are dropped, and its other messages don’t wait', async () => {
    const { input, output, outcome } = serve();
    // Storing all of them would take more than 7 s.
    await expectWithin(4000, async () => {
      for (let times = 0; times < 150; times += 1) input.write(report(2200 + times));
      input.end(encodeMessage({ type: 'announce', forwards: [forward(2200)] }));
      await outcome;
    });
    expect(parseMessages(String(output.read())).at(-1)).toStrictEqual({ type: 'accepted' });
    expect(Math.max(...loadFailures().keys())).toBeLessThan(2349);
  });

  it.each([
    ['a heartbeat', encodeMessage({ type: 'heartbeat' }), true],
    ['a report', report(2200), false],
  ])('when a client sends %s, tells whether the client is alive', async (_, message, isAlive) => {
    const heard = { connectVersion: '1.0.3', lastHeartbeatAt: '2026-01-01T00:00:00.000Z' };
    const { input, outcome, states } = serve(undefined, heard, false);
    input.end(message);
    await outcome;
    expect(states).toHaveLength(isAlive ? 1 : 0);
  });

  it('when they can’t be stored, are dropped without a refusal', async () => {
    await rm(join(folder, 'dial-failures'), { recursive: true });
    const { input, output, outcome } = serve();
    input.end(encodeMessage({ type: 'dial-failures', failures: [failure(2200)] }).repeat(10));
    expect(await outcome).toBe('ended');
    expect(String(output.read())).not.toContain('refused');
  });

  it.each([
    ['control characters', { message: 'a\u001b[2J' }],
    ['two lines', { message: 'a\nb' }],
    ['a long text', { message: 'x'.repeat(201) }],
    ['no port', { port: 0 }],
    ['a time in the future', { agoMs: -1 }],
    ['a reason that is no word', { reason: 'a b' }],
  ])('are refused if they contain %s', (_case, part) => {
    const isAccepted = [failure(2200), { ...failure(2200), ...part }].map(
      (one) => clientMessageSchema.safeParse({ type: 'dial-failures', failures: [one] }).success,
    );
    expect(isAccepted).toStrictEqual([true, false]);
  });
});

describe('the registrar when it cannot store anything', () => {
  it('says so and ends no session for it', async () => {
    const { input, output, outcome } = serve();
    await rm(join(folder, 'announcements'), { recursive: true });
    input.end(encodeMessage({ type: 'announce', forwards: [forward(2200)] }).repeat(10));
    expect(await outcome).toBe('ended');
    expect(String(output.read()).match(/NOT_STORED/g)).toHaveLength(10);
  });

  it('still ends a session whose key expired', async () => {
    const { input, outcome } = serve();
    await rm(join(folder, 'endings'), { recursive: true });
    input.write('nonsense\n'.repeat(10));
    expect(await outcome).toBe('expelled');
  });
});

const keptEnds = () => ({ runFolder: folder, clientId: 'acme' });
const instant = (agoMs: number) => new Date(Date.now() - agoMs).toISOString();
const bySuspend = (agoMs: number) => ({
  endedAt: instant(agoMs),
  peerAddress: '192.0.2.7',
  peerPort: 40_000,
  reason: 'ended: the tenant was suspended',
});
const setCreatedAt = async (createdAt: string): Promise<void> => {
  const path = join(folder, 'tenants.json');
  const state: { tenants: object[] } = JSON.parse(await readFile(path, 'utf8'));
  const tenants = state.tenants.map((tenant) => ({ ...tenant, createdAt }));
  await writeFile(path, JSON.stringify({ ...state, tenants }));
};
const loseConnection = async ({ gone, outcome }: ReturnType<typeof serve>): Promise<void> => {
  gone.abort();
  await outcome;
};

describe('an end that is noticed late', () => {
  it('when the tenant was removed and added again, is not that of the new tenant', async () => {
    await setCreatedAt(instant(60_000));
    const session = serve();
    await setCreatedAt(instant(0));
    await loseConnection(session);
    expect(await loadSessionEnd(keptEnds())).toBeNull();
  });

  it('when a command ended sessions after the connection was last up, leaves the reason of the command', async () => {
    lastUpAt = Date.now() - 5000;
    const session = serve();
    await saveSessionEnd({ ...keptEnds(), ending: bySuspend(2000), endedBy: 'command' });
    await loseConnection(session);
    expect(await loadSessionEnd(keptEnds())).toMatchObject({ reason: 'ended: the tenant was suspended' });
  });

  it.each([
    ['the connection was up after the command', 2000, 1000],
    ['the command has a time in the future, because the clock was set back', -60_000, 1000],
  ])('when %s, is recorded', async (_case, commandAgoMs, upAgoMs) => {
    lastUpAt = Date.now() - upAgoMs;
    const session = serve();
    await saveSessionEnd({ ...keptEnds(), ending: bySuspend(commandAgoMs), endedBy: 'command' });
    await loseConnection(session);
    const seen: unknown = JSON.parse(await readFile(join(folder, 'endings', 'acme.json'), 'utf8'));
    expect(seen).toMatchObject({ reason: unknownEndReason });
  });
});

function isTaken(change: object): boolean {
  const forwards = [{ ...forward(2200), ...change }];
  return clientMessageSchema.safeParse({ type: 'announce', forwards }).success;
}

describe('an announcement', () => {
  it.each([
    ['an escape sequence', { group: 'a\u001b[2J' }],
    ['a C1 control character', { repository: 'a\u009b2J' }],
    ['a line end', { group: 'a\nb' }],
    ['a direction override', { repository: 'a\u202eb' }],
    ['a zero-width space', { group: 'a\u200bb' }],
    ['tag characters', { repository: 'a\u{e0041}' }],
    ['a space that looks like another', { repository: 'a\u00a0b' }],
    ['a filler', { group: '\u3164' }],
    ['broken UTF-8', { group: 'a\ufffdb' }],
    ['half of a surrogate pair', { group: 'a\ud83d' }],
    ['a zero-width joiner in the URI', { uri: 'smb://nas:445/a\u200db' }],
    ['a control character in the URI', { uri: 'smb://nas:445/\u0007' }],
    ['no repository URI', { uri: 'javascript:alert(1)' }],
  ])('is refused if it contains %s', (_what, part) => {
    expect(isTaken({})).toBe(true);
    expect(isTaken(part)).toBe(false);
  });
});
