import { expect, test } from 'vitest';
import { createChangeFeed, createChanges } from './changeFeed.ts';

const first = () => ({ ...createChanges(false, ['a']), prompts: true, audit: true });
const batchMs = 30;

async function next<Item>(stream: AsyncGenerator<Item, void, void>): Promise<Item> {
  const step = await stream.next();
  if (step.done === true) throw new Error('the stream ended');
  return step.value;
}

test('yields the first event and misses no change before the second one', async () => {
  const feed = createChangeFeed({ batchMs });
  const stream = feed.watch({ first: first(), signal: new AbortController().signal });
  expect(await next(stream)).toEqual(first());
  feed.mark({ appliance: 'b' });
  feed.mark({ appliance: 'b' });
  feed.mark({ appliance: 'c', audit: true });
  expect(await next(stream)).toEqual({
    appliances: new Set(['b', 'c']),
    removed: new Set(),
    prompts: false,
    audit: true,
    ports: false,
    notifications: false,
    licences: false,
    policy: false,
    secrets: false,
    runs: false,
  });
  await stream.return();
});

test('when many changes come at once, yields few events, each at least one batch time after the last', async () => {
  const feed = createChangeFeed({ batchMs });
  const stop = new AbortController();
  const times: number[] = [];
  let seen = 0;
  const reading = (async () => {
    for await (const dirt of feed.watch({ first: first(), signal: stop.signal })) {
      times.push(performance.now());
      seen = Math.max(seen, ...[...dirt.appliances].map(Number).filter(Number.isFinite));
      if (seen === 200) stop.abort();
    }
  })();
  for (let number = 1; number <= 200; number += 1) {
    feed.mark({ appliance: String(number) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await reading;
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(0);
  expect(Math.min(...gaps)).toBeGreaterThan(batchMs - 2);
});

test('when an appliance was removed, does not report it as changed', async () => {
  const feed = createChangeFeed({ batchMs });
  const stream = feed.watch({ first: first(), signal: new AbortController().signal });
  await next(stream);
  feed.mark({ appliance: 'b' });
  feed.mark({ removed: 'b' });
  expect(await next(stream)).toMatchObject({ appliances: new Set(), removed: new Set(['b']) });
  await stream.return();
});

test('gives each watcher its own changes, and ends with the signal or the feed', async () => {
  const feed = createChangeFeed({ batchMs });
  const stop = new AbortController();
  const one = feed.watch({ first: first(), signal: stop.signal });
  const other = feed.watch({ first: first(), signal: new AbortController().signal });
  await Promise.all([next(one), next(other)]);
  const end = one.next();
  stop.abort();
  expect((await end).done).toBe(true);
  feed.mark({ prompts: true });
  expect((await next(other)).prompts).toBe(true);
  const last = other.next();
  feed.close();
  expect((await last).done).toBe(true);
});
