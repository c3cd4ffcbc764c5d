import { expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import { maxRefreshedAtOnce, refreshAppliances } from './refresh.ts';

const since = '2026-11-28T12:00:00.000Z';
const connected: LinkState = {
  state: 'connected',
  since,
  latencyMs: 1,
  lastHeardAt: since,
  serverSoftware: 'OpenSSH_9.2p1',
  algorithms: { kex: '', hostKey: '', cipher: '', mac: '', weak: [] },
};
const down: LinkState = { state: 'idle', since };

/** Links that are up after a turn of the event loop, with the appliances that are held, in order. */
function createLinks(states: Record<string, LinkState> = {}) {
  const held: string[] = [];
  const released: string[] = [];
  let asked = 0;
  let atOnce = 0;
  let most = 0;
  return {
    held,
    released,
    most: () => most,
    asked: () => asked,
    hold: (which: readonly string[] | 'all') => {
      if (which === 'all') throw new Error('holds appliances that nobody named');
      held.push(...which);
      return () => void released.push(...which);
    },
    isForFleet: () => true,
    waitUntilSettled: async (id: string) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      if (states[id] !== undefined) atOnce -= 1;
      return states[id] ?? connected;
    },
    ask: async (failure: AppError | null = null) => {
      asked += 1;
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return failure;
    },
  };
}

const names = (count: number) => Array.from({ length: count }, (_, at) => `appliance-${at}`);

test('of a large fleet, only a part is connected and asked at once, and each appliance is asked', async () => {
  const links = createLinks();
  const ids = names(maxRefreshedAtOnce * 3 + 1);
  expect(await refreshAppliances({ links, ask: () => links.ask() }, ids)).toEqual(new Map());
  expect(links.asked()).toBe(ids.length);
  expect(links.most()).toBe(maxRefreshedAtOnce);
  expect(links.held).toEqual(ids);
});

test('links stay held until all appliances have answered', async () => {
  const links = createLinks();
  const ids = names(maxRefreshedAtOnce + 1);
  const counts: number[] = [];
  const ask = () => {
    counts.push(links.released.length);
    return links.ask();
  };
  await refreshAppliances({ links, ask }, ids);
  expect(new Set(counts)).toEqual(new Set([0]));
  expect(links.released).toEqual(ids);
});

test('an appliance whose link is down, or whose command fails, does not take the place of another', async () => {
  const ids = names(maxRefreshedAtOnce * 2);
  const links = createLinks(Object.fromEntries(ids.slice(0, maxRefreshedAtOnce).map((id) => [id, down])));
  const failure = new AppError('COMMAND_FAILED', 'ke_status failed.');
  const last = ids.at(-1) ?? '';
  const ask = (id: string) => links.ask(id === last ? failure : null);
  expect(await refreshAppliances({ links, ask }, ids)).toEqual(new Map([[last, failure]]));
  expect(links.asked()).toBe(maxRefreshedAtOnce);
});
