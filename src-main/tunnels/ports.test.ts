import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { measureCpuMs } from '../../test-support/cpuTime.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ProbeResult } from '../../src-shared/model/tunnels/probe.ts';
import type { Tenant } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { aConnectedTenant, aTenant } from '../../test-support/aTenant.ts';
import { startPorts, type PortsFixture } from '../../test-support/portsFixture.ts';
import { waitFor } from '../../test-support/waitFor.ts';

let fixture: PortsFixture;
let kiln: ApplianceEntry;
beforeEach(() => {
  fixture = startPorts();
  kiln = fixture.add('kiln');
});
afterEach(() => fixture.close());

const at = (milliseconds: number) => new Date(milliseconds).toISOString();
const place = (port: number | null, clientId = 'acme') => ({ applianceId: kiln.id, clientId, port });
const historyOf = (port: number | null, of = fixture) => of.ports.detail(place(port)).history;
const tones = (port: number | null, of = fixture) => historyOf(port, of).spans.map((span) => span.tone);

/** Resolves when the answer is stored, because the watch then extends to its time. */
async function written(of: PortsFixture = fixture): Promise<void> {
  const reached = () =>
    of.store.first(of.store.query.selectFrom('watchSpan').select((one) => one.fn.max('toMs').as('to')))?.to;
  await waitFor('the answer is written down', () => reached() === of.clock.now);
}

async function answer(...tenants: Parameters<PortsFixture['answer']>[1]): Promise<void> {
  fixture.clock.now += 5_000;
  fixture.answer(kiln, tenants);
  await written();
}

const dead = (endedAt: number) =>
  aTenant('acme', {
    lastSession: { endedAt: at(endedAt), peerAddress: '198.51.100.7', reason: 'client timed out' },
  });

test('when a session ends, records one drop of the tenant and each port with the appliance’s time and reason', async () => {
  fixture.ports.hold();
  await answer(aConnectedTenant('acme', [2200, 2201]));
  const endedAt = fixture.clock.now + 2_000;
  await answer(dead(endedAt));
  for (const port of [null, 2200, 2201]) {
    const { spans, drops } = historyOf(port);
    expect(drops).toEqual([{ at: at(endedAt), code: 'T-3001', reason: 'client timed out' }]);
    expect(spans.map((span) => span.tone)).toEqual(['unknown', 'ok', 'warn']);
    expect(spans.at(-1)?.from).toBe(at(endedAt));
  }
  expect(fixture.ports.list(null)).toMatchObject([
    {
      port: null,
      code: 'T-3001',
      chain: 'oowuuu',
      lastDrop: { at: at(endedAt), reason: 'client timed out' },
    },
  ]);
  await answer(aConnectedTenant('acme', [2200, 2201]));
  // The newest state appears in the strip only after the next answer.
  expect(tones(2200)).toEqual(['unknown', 'ok', 'warn']);
  await answer(aConnectedTenant('acme', [2200, 2201]));
  expect(tones(2200)).toEqual(['unknown', 'ok', 'warn', 'ok']);
  expect(historyOf(2200).drops).toHaveLength(1);
  expect(fixture.ports.list(null)[1]).toMatchObject({ port: 2201, lastDrop: { reason: 'client timed out' } });
});

test('when the drop starts before the first poll, its reason comes from the ended session', async () => {
  fixture.ports.hold();
  const up = aConnectedTenant('acme', [2200]);
  await answer(up);
  await answer({ ...up, sessions: [] });
  expect(historyOf(2200).drops).toMatchObject([{ code: 'T-4002' }]);
  await answer(dead(fixture.clock.now - 1_000));
  expect(historyOf(2200).drops).toMatchObject([{ code: 'T-3001', reason: 'client timed out' }]);
  expect(fixture.ports.remembered(kiln.id).dropsSince(0)({ clientId: 'acme', port: 2200 })).toBe(1);
});

test('without a hold, writes nothing', async () => {
  const release = fixture.ports.hold();
  await answer(aConnectedTenant('acme', [2200]));
  release();
  fixture.clock.now += 5_000;
  fixture.answer(kiln, [dead(fixture.clock.now)]);
  fixture.clock.now += 1_000;
  const again = fixture.ports.hold();
  // This result came before the watch started, so it is not recorded although it is recent.
  fixture.probe(kiln, [probed(2200, 12)]);
  fixture.clock.now += 5_000;
  await answer(dead(fixture.clock.now));
  fixture.clock.now += 1_000;
  expect(tones(null)).toEqual(['unknown', 'warn']);
  expect(historyOf(null).spans.at(-1)?.from).toBe(at(fixture.clock.now - 1_000));
  expect(historyOf(null).drops).toHaveLength(1);
  again();
});

test('when a link is lost, the time counts as unwatched and not as a drop', async () => {
  fixture.ports.hold();
  await answer(aConnectedTenant('acme', [2200]));
  fixture.loseLink(kiln);
  fixture.clock.now += 60_000;
  expect(fixture.ports.list(kiln.id)[0]).toMatchObject({ code: 'T-1001', lastDrop: null });
  await answer(aConnectedTenant('acme', [2200]));
  await answer(aConnectedTenant('acme', [2200]));
  expect(tones(2200)).toEqual(['unknown', 'ok']);
  await answer(aConnectedTenant('acme', [2200]));
  expect(historyOf(2200).spans.map((span) => [span.tone, span.to])).toEqual([
    ['unknown', at(fixture.clock.now - 10_000)],
    ['ok', at(fixture.clock.now)],
  ]);
  expect(historyOf(2200).drops).toEqual([]);
});

test('when a port is no longer forwarded while its session lives, is off and not dropped', async () => {
  fixture.ports.hold();
  await answer(aConnectedTenant('acme', [2200, 2201]));
  await answer(aConnectedTenant('acme', [2200]));
  await answer(aConnectedTenant('acme', [2200]));
  expect(historyOf(2200).drops).toEqual([]);
  const known = fixture.ports.remembered(kiln.id);
  expect(known.downSince({ clientId: 'acme', port: 2201 })).toBeNull();
  await answer();
  await answer(aConnectedTenant('acme', [2200, 2201]));
  expect(known.dropsSince(0)({ clientId: 'acme', port: 2200 })).toBe(0);
});

test('when a tenant is suspended, records no drop and knows its earlier quota', async () => {
  fixture.ports.hold();
  await answer(aConnectedTenant('acme', [2200]));
  await answer(aTenant('acme', { suspended: true, quota: 0 }));
  expect(historyOf(2200).drops).toEqual([]);
  expect(fixture.ports.tenants(kiln.id)[0]).toMatchObject({ quotaBefore: 40, tunnels: [{ tone: 'off' }] });
});

test('when two consoles use one data folder, write a drop once', async () => {
  const other = fixture.openAnother();
  for (const one of [fixture, other]) one.ports.hold();
  const both = async (tenant: ReturnType<typeof aTenant>) => {
    other.clock.now = fixture.clock.now + 5_001;
    await answer(tenant);
    other.answer(kiln, [tenant]);
    await written(other);
  };
  await both(aConnectedTenant('acme', [2200]));
  await both(dead(fixture.clock.now + 1_000));
  await both(aConnectedTenant('acme', [2200]));
  expect(historyOf(2200, other).drops).toHaveLength(1);
  const rows = fixture.store.all(
    fixture.store.query.selectFrom('tunnelChange').select('code').where('port', '=', 2200).orderBy('atMs'),
  );
  expect(rows.map((row) => row.code)).toEqual(['T-4000', 'T-3001', 'T-4000']);
  other.ports.close();
  other.store.close();
});

test('when history is older than 30 days, only the present state of each tunnel is kept', async () => {
  const day = 86_400_000;
  const count = (table: 'tunnelChange' | 'watchSpan') =>
    fixture.store.all(fixture.store.query.selectFrom(table).selectAll()).length;
  const release = fixture.ports.hold();
  await answer(aConnectedTenant('acme', [2200]), aConnectedTenant('bolt', [2300]));
  await answer(dead(fixture.clock.now), aConnectedTenant('bolt', [2300]));
  await answer(aConnectedTenant('acme', [2200]), aConnectedTenant('bolt', [2300]));
  fixture.clock.now += 29 * day;
  await answer(aConnectedTenant('acme', [2200]), aConnectedTenant('bolt', [2300]));
  expect(count('tunnelChange')).toBe(8);
  expect(fixture.ports.list(null)[0]?.lastDrop?.reason).toBe('client timed out');
  fixture.clock.now += 2 * day;
  // An answer or two could come from a clock that is wrong, so they delete nothing.
  for (let index = 0; index < 2; index += 1)
    await answer(aConnectedTenant('acme', [2200]), aConnectedTenant('bolt', [2300]));
  expect([count('tunnelChange'), count('watchSpan')]).toEqual([8, 3]);
  fixture.store.run(
    fixture.store.query
      .updateTable('watchSpan')
      .set({ fromMs: fixture.clock.now - 10 * 60_000 })
      .where('toMs', '=', fixture.clock.now),
  );
  fixture.clock.now += 3_600_000;
  await answer(aConnectedTenant('acme', [2200]), aConnectedTenant('bolt', [2300]));
  release();
  expect([count('tunnelChange'), count('watchSpan')]).toEqual([4, 3]);
  fixture.ports.hold();
  await answer(aConnectedTenant('acme', [2200]), aConnectedTenant('bolt', [2300]));
  await answer(aConnectedTenant('acme', [2200]), aConnectedTenant('bolt', [2300]));
  expect(tones(2200).at(-1)).toBe('ok');
});

const probed = (port: number, milliseconds: number): ProbeResult => ({
  at: at(fixture.clock.now),
  port,
  uri: `smb://10.0.0.1:${port}`,
  sessionPid: 2200,
  forward: { outcome: 'opened', milliseconds: 1 },
  service: { outcome: 'answered', protocol: 'SMB 3.1.1', milliseconds, tls: null },
});

test('when few tunnels change, records them without reading two days of all others', async () => {
  fixture.ports.hold();
  const ports = Array.from({ length: 300 }, (_, index) => 2200 + index);
  for (let round = 0; round < 8; round += 1) {
    const up = round % 2 === 0;
    await answer(aConnectedTenant('acme', ports, up ? {} : { suspended: true }));
  }
  const one = (port: number) => {
    const tenant = aConnectedTenant('acme', ports);
    const forwards = tenant.forwards.map((each) => (each.port === port ? { ...each, listener: null } : each));
    return { ...tenant, forwards };
  };
  await answer(one(0));
  let read = 0;
  const all = fixture.store.all;
  fixture.store.all = (query) => {
    const rows = all(query);
    read += rows.length;
    return rows;
  };
  await answer(one(2250));
  fixture.store.all = all;
  expect(read).toBeLessThan(500);
  const { downSince, dropsSince } = fixture.ports.remembered(kiln.id);
  expect(downSince({ clientId: 'acme', port: 2250 })).toBe(fixture.clock.now);
  expect(downSince({ clientId: 'acme', port: 2251 })).toBeNull();
  expect(dropsSince(fixture.clock.now)({ clientId: 'acme', port: 2250 })).toBe(1);
});

test('when an appliance only says that its list still holds, all that time counts as watched', async () => {
  fixture.ports.hold();
  await answer(aConnectedTenant('acme', [2200]));
  const began = fixture.clock.now;
  for (let round = 0; round < 4; round += 1) {
    fixture.clock.now += 9_000;
    // This builds the rows, which then stay the same for a while.
    expect(fixture.ports.list(null)).toMatchObject([{ tone: 'ok' }]);
    fixture.clock.now += 9_000;
    fixture.confirm(kiln);
    await written();
  }
  const { store, clock } = fixture;
  expect(store.all(store.query.selectFrom('watchSpan').select(['fromMs', 'toMs']))).toEqual([
    { fromMs: began, toMs: clock.now },
  ]);
});

test('when a listener fails, continues, and stores a watch once per answer', async () => {
  fixture.ports.hold();
  let calls = 0;
  fixture.ports.onChange(() => {
    calls += 1;
    throw new Error('the listener is broken');
  });
  await answer(aConnectedTenant('acme', [2200]));
  await waitFor('the answer was told', () => calls === 1);
  const written: string[] = [];
  const run = fixture.store.run;
  fixture.store.run = (query) => {
    written.push(query.compile().sql);
    return run(query);
  };
  fixture.probe(kiln, [probed(2200, 12)]);
  await waitFor('the results were told', () => calls > 1);
  fixture.store.run = run;
  expect(written.some((sql) => sql.includes('tunnel_latency'))).toBe(true);
  expect(written.filter((sql) => sql.includes('watch_span'))).toEqual([]);
});

test('keeps the slowest answer of a quarter of an hour from any console', async () => {
  fixture.answer(kiln, [aConnectedTenant('acme', [2200])]);
  let calls = 0;
  fixture.ports.onChange(() => (calls += 1));
  for (const milliseconds of [12, 80.4, 30]) fixture.probe(kiln, [probed(2200, milliseconds)]);
  await waitFor('who looks is told of all at once', () => calls > 0);
  expect(calls).toBe(1);
  expect(historyOf(2200).latency).toEqual([{ at: '2026-11-20T09:00:00.000Z', milliseconds: 80 }]);
  expect(fixture.ports.list(null)[0]).toMatchObject({ latencyMs: 30, probedAt: at(fixture.clock.now) });
  expect(fixture.ports.detail(place(2200)).probe).toMatchObject({ port: 2200 });
});

test('when a tunnel was down, its history of 30 days and its availability have the outage and the base', async () => {
  fixture.ports.hold();
  const up = [aConnectedTenant('acme', [2200])];
  await answer(...up);
  await answer(...up);
  const endedAt = fixture.clock.now + 2_000;
  await answer(dead(endedAt));
  await answer(...up);
  await answer(...up);
  const backAt = fixture.clock.now - 5_000;
  const { spans, ...history } = fixture.ports.history({ ...place(2200), days: 30 });
  expect(spans.map(({ tone }) => tone)).toEqual(['unknown', 'ok', 'warn']);
  const lengthOf = (wanted: string) =>
    spans
      .filter(({ tone }) => tone === wanted)
      .reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0);
  expect(lengthOf('warn')).toBe(backAt - endedAt);
  expect(lengthOf('ok') + lengthOf('warn')).toBe(20_000);
  expect(Date.parse(history.to) - Date.parse(history.from)).toBe(30 * 86_400_000);
  const sums = { watchedMs: 20_000, upMs: 20_000 - (backAt - endedAt) };
  expect(history).toMatchObject({ ...sums, drops: [{ at: at(endedAt), reason: 'client timed out' }] });
  const outage = {
    start: at(endedAt),
    end: at(backAt),
    seenUntil: at(backAt),
    code: 'T-3001',
    reason: 'client timed out',
  };
  const asked = { applianceId: null, clientId: null, from: at(endedAt - 60_000), to: at(Date.now()) };
  const tunnels = [null, 2200].map((port) => ({
    ...place(port),
    applianceName: 'kiln',
    ...sums,
    outages: [outage],
  }));
  expect(fixture.ports.availability(asked)).toEqual(tunnels);
  expect(fixture.ports.availability({ ...asked, clientId: 'bolt' })).toEqual([]);
  expect(fixture.ports.availability({ ...asked, from: at(backAt) })).toMatchObject([
    { watchedMs: 5_000, upMs: 5_000, outages: [] },
    { watchedMs: 5_000, upMs: 5_000, outages: [] },
  ]);
  expect(() => fixture.ports.availability({ ...asked, from: asked.to })).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  );
});

test('lists a tenant of a cluster once; for one appliance, adds what the other member says', () => {
  const [mill, forge] = [fixture.add('mill', 'east'), fixture.add('forge', 'east')];
  fixture.answer(kiln, [aTenant('acme')]);
  fixture.answer(mill, [aConnectedTenant('acme', [2200]), aTenant('bolt')]);
  fixture.answer(forge, [aTenant('acme', { quota: 40 })]);
  const all = fixture.ports.tenants(null);
  expect(all.map((view) => [view.applianceName, view.tenant.clientId, view.cluster?.name ?? null])).toEqual([
    ['kiln', 'acme', null],
    ['mill', 'acme', 'east'],
    ['mill', 'bolt', 'east'],
  ]);
  expect(all[2]?.cluster?.disagreements).toEqual(['It is missing on forge.']);
  expect(fixture.ports.list(null)[1]).toMatchObject({ cluster: 'east', disagrees: true, port: 2200 });
  expect(fixture.ports.tenants(forge.id)).toMatchObject([
    { applianceName: 'forge', tenant: { quota: 40, sessions: [] }, cluster: { name: 'east' } },
  ]);
  fixture.clock.now += 60_000;
  const later = fixture.ports.tenants(null).find((view) => view.cluster !== null);
  expect(later?.cluster?.members.map((one) => one.state)).toEqual(['unknown', 'unknown']);
});

test('when an appliance restarts and forgets its sessions, a tenant that was seen is not new', async () => {
  fixture.ports.hold();
  const row = (clientId: string) => fixture.ports.list(kiln.id).find((one) => one.clientId === clientId);
  await answer(aConnectedTenant('acme', [2200]), aTenant('bolt'));
  expect(row('bolt')).toMatchObject({ code: 'T-3004', tone: 'off' });
  await answer(aTenant('acme'), aTenant('bolt'));
  expect(row('acme')).toMatchObject({ code: 'T-3001', tone: 'warn' });
  expect(row('bolt')).toMatchObject({ code: 'T-3004', tone: 'off' });
  // The tenant was removed and added again. The session belonged to the removed tenant with the same name.
  const addedAt = new Date(fixture.clock.now).toISOString();
  await answer(aTenant('acme', { createdAt: addedAt, changedAt: addedAt }));
  expect(row('acme')).toMatchObject({ code: 'T-3004', tone: 'off' });
});

test('when a new tenant connects, that is no drop, and the time before it counts as neither up nor down', async () => {
  fixture.ports.hold();
  await answer(aTenant('acme'));
  await answer(aConnectedTenant('acme', [2200]));
  expect(historyOf(null)).toMatchObject({ drops: [], watchedMs: 0 });
  expect(tones(null)).toEqual(['unknown', 'off']);
});

test('rebuilds rows only if an answer, a drop or the cluster changed', async () => {
  const [mill, forge] = [fixture.add('mill', 'east'), fixture.add('forge', 'east')];
  fixture.ports.hold();
  fixture.answer(mill, [aConnectedTenant('bolt', [2300])]);
  const ports = [{ first: 2300, last: 2319 }];
  fixture.answer(forge, [aTenant('bolt', { ports })]);
  await answer(aConnectedTenant('acme', [2200]));
  const row = (clientId: string) => fixture.ports.list(null).find((one) => one.clientId === clientId);
  const [acme, bolt] = [row('acme'), row('bolt')];
  expect(row('acme')).toBe(acme);
  fixture.clock.now += 1_000;
  fixture.answer(kiln, [dead(fixture.clock.now)]);
  expect(row('acme')).toMatchObject({ code: 'T-3001', lastDrop: { reason: 'client timed out' } });
  expect(row('bolt')).toBe(bolt);
  await written();
  expect(row('bolt')).toBe(bolt);
  expect(bolt).toMatchObject({ cluster: 'east', disagrees: false });
  fixture.answer(forge, [aTenant('bolt', { ports, quota: 40 })]);
  expect(row('bolt')).toMatchObject({ cluster: 'east', disagrees: true });
});

test('when a tenant is over its quota, repositories without a port have their own diagnosis', async () => {
  fixture.ports.hold();
  const full = aConnectedTenant('acme', [2200, 2201]);
  await answer(full);
  const unplaced = ['drawings', 'letters'].map((repository) => ({
    group: 'docs',
    repository,
    uri: `smb://10.0.0.9:445/${repository}`,
  }));
  await answer({ ...aConnectedTenant('acme', [2200]), unplaced });
  expect(fixture.ports.list(null).map(({ port, code, repository }) => [port, code, repository])).toEqual([
    [2200, 'T-4000', expect.anything()],
    [null, 'T-4005', 'drawings'],
    [null, 'T-4005', 'letters'],
  ]);
  expect(fixture.ports.detail(place(2200)).tunnel.code).toBe('T-4000');
  expect(fixture.ports.detail(place(null)).tunnel.code).toBe('T-4005');
  expect(() => fixture.ports.detail(place(2201))).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  // Port 2201 is no longer forwarded. So it is off and not down, although the tenant exceeds its quota.
  const known = fixture.ports.remembered(kiln.id);
  expect(known.downSince({ clientId: 'acme', port: 2201 })).toBeNull();
  expect(known.dropsSince(0)({ clientId: 'acme', port: 2201 })).toBe(0);
});

test('rejects unknown tenants, ports and appliances with NOT_FOUND', () => {
  fixture.answer(kiln, [aConnectedTenant('acme', [2200])]);
  for (const unknown of [
    place(2200, 'nobody'),
    place(2299),
    { ...place(2200), applianceId: crypto.randomUUID() },
  ])
    expect(() => fixture.ports.detail(unknown)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('builds five thousand rows quickly', () => {
  for (let index = 0; index < 5; index += 1) {
    const entry = fixture.add(`forge-${index}`, index < 2 ? 'east' : '');
    fixture.answer(
      entry,
      Array.from({ length: 50 }, (_, tenant) =>
        aConnectedTenant(
          `tenant-${index}-${tenant}`,
          Array.from({ length: 20 }, (_, port) => 2200 + tenant * 20 + port),
        ),
      ),
    );
  }
  expect(fixture.ports.list(null)).toHaveLength(5_000);
  const took: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    took.push(measureCpuMs(() => fixture.ports.list(null)));
  }
  // This usually takes at most 50 ms.
  expect(Math.min(...took)).toBeLessThan(500);
});

/** Lets each member list its tenants, in this order. */
async function answerInOrder(...lists: [ApplianceEntry, Tenant][]): Promise<void> {
  for (const [entry, tenant] of lists) {
    fixture.clock.now += 1_000;
    fixture.answer(entry, [tenant]);
    await written();
  }
}

/** The tenant `bolt` from the start of the clock until now. */
function periodOfBolt() {
  return { applianceId: null, clientId: 'bolt', from: at(0), to: at(fixture.clock.now) };
}

describe('a tenant of a cluster', () => {
  let mill: ApplianceEntry;
  let forge: ApplianceEntry;
  beforeEach(() => {
    mill = fixture.add('mill', 'east');
    forge = fixture.add('forge', 'east');
    fixture.ports.hold();
  });
  const here = aConnectedTenant('bolt', [2300]);
  const ports = [{ first: 2300, last: 2319 }];
  const never = aTenant('bolt', { ports });
  const gone = (endedAt: number) =>
    aTenant('bolt', {
      ports,
      lastSession: { endedAt: at(endedAt), peerAddress: null, reason: 'moved by the balancer' },
    });

  test('when its session moves to another member, no outage is recorded on either', async () => {
    await answerInOrder([mill, here], [forge, never], [mill, here], [forge, never]);
    const endedAt = fixture.clock.now + 500;
    // The first answer after the move comes before the other member’s, so it looks like an outage.
    await answerInOrder([mill, gone(endedAt)]);
    expect(fixture.ports.list(mill.id)).toMatchObject([{ code: 'T-3001', tone: 'warn' }]);
    await answerInOrder([forge, here], [mill, gone(endedAt)], [forge, here], [mill, gone(endedAt)]);
    expect(fixture.ports.list(mill.id)).toMatchObject([{ code: 'T-3005', tone: 'off' }]);
    for (const entry of [mill, forge])
      for (const port of [null, 2300]) {
        const { spans, drops, watchedMs, upMs } = fixture.ports.detail({
          applianceId: entry.id,
          clientId: 'bolt',
          port: entry.id === mill.id ? null : port,
        }).history;
        expect(drops).toEqual([]);
        expect(upMs).toBe(watchedMs);
        expect(upMs).toBeGreaterThan(4_000);
        expect(spans.filter(({ tone }) => tone === 'warn' || tone === 'bad')).toEqual([]);
      }
    const report = fixture.ports.availability(periodOfBolt());
    expect(report.map(({ applianceName, port, outages }) => [applianceName, port, outages])).toEqual([
      ['forge', null, []],
      ['forge', 2300, []],
    ]);
    expect(fixture.ports.remembered(mill.id).dropsSince(0)({ clientId: 'bolt', port: 2300 })).toBe(0);
    // The page of one member reports the same figures.
    expect(fixture.ports.availability({ ...periodOfBolt(), applianceId: mill.id })).toEqual(
      report.map((tunnel) => ({ ...tunnel, applianceId: mill.id, applianceName: 'mill' })),
    );
  });

  test('when no member has its session, the outage is reported once', async () => {
    await answerInOrder([mill, here], [forge, never], [mill, here], [forge, never]);
    const endedAt = fixture.clock.now + 500;
    await answerInOrder([mill, gone(endedAt)], [forge, never]);
    fixture.clock.now += 40_000;
    await answerInOrder([mill, gone(endedAt)], [forge, never], [mill, gone(endedAt)], [forge, never]);
    await answerInOrder([forge, here], [mill, gone(endedAt)], [forge, here]);
    const report = fixture.ports.availability(periodOfBolt());
    const outage = { start: at(endedAt), code: 'T-3001', reason: 'moved by the balancer' };
    expect(report).toMatchObject([
      { port: null, outages: [outage, { start: at(endedAt + 42_500), code: 'T-3001' }] },
      { port: 2300, outages: [outage, { code: 'T-3001' }] },
    ]);
  });
});

/** The availability of `acme` from an instant until now. */
function availabilitySince(from: number, of = fixture) {
  return of.ports.availability({
    applianceId: kiln.id,
    clientId: 'acme',
    from: at(from),
    to: at(of.clock.now),
  });
}

describe('when the clock was ahead and is set back', () => {
  const dayAheadMs = 86_400_000;
  const up = aConnectedTenant('acme', [2200]);
  test.each([
    { aheadMs: dayAheadMs, unwatchedMs: 5_000 },
    { aheadMs: 10 * 60_000, unwatchedMs: 5_000 },
    // These seven seconds were watched the first time.
    { aheadMs: 7_000, unwatchedMs: 0 },
  ])('by $aheadMs ms, an outage after that is recorded', async ({ aheadMs, unwatchedMs }) => {
    fixture.ports.hold();
    for (let index = 0; index < 2; index += 1) await answer(up);
    await answer(dead(fixture.clock.now));
    for (let index = 0; index < 3; index += 1) await answer(up);
    fixture.clock.now -= aheadMs;
    const from = fixture.clock.now;
    for (let index = 0; index < 2; index += 1) await answer(up);
    const endedAt = fixture.clock.now + 1_000;
    for (let index = 0; index < 2; index += 1) await answer(dead(endedAt));
    for (let index = 0; index < 2; index += 1) await answer(up);
    const [tenant] = availabilitySince(from);
    expect(tenant?.outages).toMatchObject([{ start: at(endedAt), end: at(endedAt + 14_000) }]);
    expect(tenant?.watchedMs).toBe(fixture.clock.now - from - unwatchedMs);
    expect(tenant?.upMs).toBe((tenant?.watchedMs ?? 0) - 14_000);
  });

  test('after it ran ahead, an outage is recorded that lasts since then, also by the next console', async () => {
    fixture.ports.hold();
    for (let index = 0; index < 3; index += 1) await answer(up);
    const jumpedAt = fixture.clock.now;
    fixture.clock.now += 3 * dayAheadMs;
    await answer(up);
    await answer(dead(fixture.clock.now));
    for (let index = 0; index < 2; index += 1) await answer(up);
    fixture.clock.now = jumpedAt + 20_000;
    const endedAt = fixture.clock.now;
    for (let index = 0; index < 6; index += 1) await answer(dead(endedAt));
    const report = availabilitySince(0);
    expect(report).toMatchObject(
      [null, 2200].map((port) => ({
        port,
        outages: [{ start: at(endedAt + 5_000), end: null, code: 'T-3001' }],
        watchedMs: 10_000 + 25_000,
        upMs: 10_000,
      })),
    );
    const next = fixture.openAnother();
    next.clock.now = fixture.clock.now;
    expect(availabilitySince(0, next)).toEqual(report);
    next.ports.close();
    next.store.close();
  });

  test('while no console runs, the next one starts from the state at that time', async () => {
    fixture.ports.hold();
    for (let index = 0; index < 2; index += 1) await answer(up);
    const next = fixture.openAnother();
    next.clock.now = fixture.clock.now - dayAheadMs;
    next.ports.hold();
    next.answer(kiln, [up]);
    await written(next);
    next.clock.now += 5_000;
    next.answer(kiln, [dead(next.clock.now - 1_000)]);
    await written(next);
    expect(historyOf(2200, next).drops).toMatchObject([{ at: at(next.clock.now - 1_000) }]);
    next.ports.close();
    next.store.close();
  });
});

test.each([
  { name: 'an hour ago', endedAgoMs: 3_600_000 },
  { name: 'in 1970', endedAgoMs: Date.parse('2026-11-20T09:00:00.000Z') },
  { name: 'in the future', endedAgoMs: -1e12 },
])(
  'when the appliance says that a session seen up ended $name, the outage starts after that answer',
  async ({ endedAgoMs }) => {
    fixture.ports.hold();
    for (let index = 0; index < 5; index += 1) await answer(aConnectedTenant('acme', [2200]));
    const lastUpAt = fixture.clock.now;
    for (let index = 0; index < 2; index += 1) await answer(dead(fixture.clock.now - endedAgoMs));
    const { watchedMs, upMs, drops } = historyOf(2200);
    expect(watchedMs).toBe(30_000);
    expect(upMs).toBeGreaterThanOrEqual(20_000);
    expect(Date.parse(drops[0]?.at ?? '')).toBeGreaterThanOrEqual(lastUpAt);
    expect(
      fixture.ports.remembered(kiln.id).downSince({ clientId: 'acme', port: 2200 }),
    ).toBeGreaterThanOrEqual(lastUpAt);
  },
);
