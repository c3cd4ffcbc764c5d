import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { minuteMs } from '../../src-shared/base/time.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkSettings } from '../../src-shared/model/appliance/linkSettings.ts';
import { anInput } from '../../test-support/anEntry.ts';
import { createLocalTransport } from '../../test-support/localTransport.ts';
import { createServices, type Services } from '../services.ts';

let folder: string;
let services: Services;
const stops: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  folder = mkdtempSync(join(tmpdir(), 'sallyport-demand-'));
  services = createServices({
    dataFolder: folder,
    host: 'web',
    operator: 'ada',
    transport: createLocalTransport({ connect: () => undefined }),
    knownHostsFiles: [],
    policyFiles: [],
  });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  vi.useRealTimers();
  await services.close();
  rmSync(folder, { recursive: true, force: true });
});

const add = (name: string, connect: ApplianceEntry['connect']) =>
  services.inventory.add({ ...anInput(name), connect }, []);
const stateOf = ({ id }: ApplianceEntry) => services.links.state(id);
const limit = (limits: Partial<LinkSettings>) =>
  services.linkLimits.set({ idleMinutes: 2, maxLinks: null, ...limits });
async function until(entry: ApplianceEntry, state: string): Promise<void> {
  // Ends only a test that hangs.
  await vi.waitFor(() => expect(stateOf(entry).state).toBe(state), { timeout: minuteMs });
}
/** Shows the fleet, as a page does. */
const showFleet = () => stops.push(services.fleet.follow('all'));

test('when the fleet is shown, an appliance on demand stays idle until its page is opened, and some minutes after', async () => {
  const [always, demanded] = [add('always', 'always'), add('demanded', 'on-demand')];
  await limit({});
  showFleet();
  await until(always, 'connected');
  expect(stateOf(demanded)).toMatchObject({ state: 'idle', reason: 'on-demand' });
  expect(services.fleet.view(demanded.id).health.tone).toBe('unknown');
  const page = new AbortController();
  const look = services.fleet.look(demanded.id, page.signal);
  await look.next();
  const ended = look.next();
  await until(demanded, 'connected');
  await vi.advanceTimersByTimeAsync(10 * minuteMs);
  expect(stateOf(demanded).state).toBe('connected');
  page.abort();
  await ended;
  await vi.advanceTimersByTimeAsync(2 * minuteMs - 1000);
  expect(stateOf(demanded).state).toBe('connected');
  await vi.advanceTimersByTimeAsync(2000);
  expect(stateOf(demanded)).toMatchObject({ state: 'idle', reason: 'on-demand' });
  expect(services.fleet.view(demanded.id).health.tone).toBe('unknown');
  expect(stateOf(always).state).toBe('connected');
});

test('when an appliance is switched to on demand, its link ends after the idle time; switched back, it connects', async () => {
  const kiln = add('kiln', 'always');
  await limit({});
  showFleet();
  await until(kiln, 'connected');
  await services.appliances.edit(kiln.id, { ...kiln, connect: 'on-demand' }, { fields: ['connect'] });
  await vi.advanceTimersByTimeAsync(2 * minuteMs + 1000);
  expect(stateOf(kiln).state).toBe('idle');
  await services.appliances.edit(kiln.id, { ...kiln, connect: 'always' }, { fields: ['connect'] });
  await until(kiln, 'connected');
});

test('when a group is switched to on demand, the links of all end later, by one action; one that is gone changes none', async () => {
  const [kiln, mill] = [add('kiln', 'always'), add('mill', 'always')];
  await limit({});
  showFleet();
  await until(kiln, 'connected');
  await until(mill, 'connected');
  const gone = services.inventory.add(anInput('gone'), []);
  services.inventory.remove(gone.id);
  const { setConnect } = services.appliances;
  await expect(setConnect([kiln.id, gone.id], 'on-demand')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(services.inventory.get(kiln.id).connect).toBe('always');
  await setConnect([kiln.id, mill.id], 'on-demand');
  await vi.advanceTimersByTimeAsync(2 * minuteMs + 1000);
  await until(kiln, 'idle');
  await until(mill, 'idle');
  const { records } = services.audit.list({ before: null, limit: 10, query: 'appliance.edit' });
  expect(records.map(({ object, phase, detail }) => [object, phase, detail])).toEqual([
    ['2 appliances', 'outcome', 'connect: on-demand, of kiln, mill'],
    ['2 appliances', 'intent', 'connect: on-demand, of kiln, mill'],
  ]);
});

test('when there are as many links as allowed, another one waits, or takes the place of one that is unused', async () => {
  const [first, second, third] = ['first', 'second', 'third'].map((name) => add(name, 'on-demand'));
  if (first === undefined || second === undefined || third === undefined) throw new Error('none');
  await limit({ maxLinks: 1 });
  const release = services.links.hold([first.id]);
  await until(first, 'connected');
  stops.push(services.links.hold([second.id]));
  expect(stateOf(second)).toMatchObject({ state: 'idle', reason: 'queued' });
  expect(services.links.counts()).toEqual({ taken: 1, waiting: 1 });
  // The first one is only kept for a while now, so the second one takes its place.
  release();
  await until(second, 'connected');
  expect(stateOf(first)).toMatchObject({ state: 'idle', reason: 'on-demand' });
  stops.push(services.links.hold([third.id]));
  expect(stateOf(third)).toMatchObject({ state: 'idle', reason: 'queued' });
  // Not needed any more, so it no longer waits.
  services.links.hold([first.id])();
  expect(services.links.counts()).toEqual({ taken: 1, waiting: 1 });
  await limit({ maxLinks: 2 });
  await vi.advanceTimersByTimeAsync(5000);
  await until(third, 'connected');
});

test('when more appliances on demand are asked than there may be links, each is asked', async () => {
  const entries = Array.from({ length: 5 }, (_, index) => add(`kiln-${index}`, 'on-demand'));
  await limit({ maxLinks: 2 });
  const connected = new Set<string>();
  services.links.onChange((id, state) => void (state.state === 'connected' && connected.add(id)));
  const refreshed = services.fleet.refresh(entries.map(({ id }) => id));
  await vi.waitFor(() => expect(connected.size).toBe(5), { timeout: minuteMs });
  const failures = await refreshed;
  expect([...failures.values()].filter(({ code }) => code === 'LINK_NOT_READY')).toEqual([]);
});
