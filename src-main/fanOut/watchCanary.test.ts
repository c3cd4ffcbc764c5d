import { expect, test } from 'vitest';
import { watchCanary, type TunnelLook } from './watchCanary.ts';

const look = (answers: Record<string, boolean>): TunnelLook => new Map(Object.entries(answers));
const both = look({ 'acme:1': true, 'acme:2': true });
const one = look({ 'acme:1': true, 'acme:2': false });

/** Watches for ten seconds, with a look every two; the last look repeats. */
async function watch(looks: TunnelLook[], signal = new AbortController().signal) {
  let now = 0;
  let count = 0;
  const result = await watchCanary({
    before: ['acme:1', 'acme:2'],
    look: () => Promise.resolve(looks[Math.min(count++, looks.length - 1)] ?? null),
    seconds: 10,
    everyMs: 2000,
    clock: { now: () => now, sleep: async (ms) => void (now += ms) },
    signal,
  });
  return { ...result, count, now };
}

test('when every tunnel answers to the end, passes after the whole time', async () => {
  expect(await watch([both])).toEqual({
    hasPassed: true,
    note: '2 of 2 tunnels kept answering.',
    count: 6,
    now: 10_000,
  });
});

test('when a tunnel is down in one look only, passes', async () => {
  expect(await watch([both, one, both])).toMatchObject({ hasPassed: true, count: 6 });
});

test('when a tunnel is down in two looks, fails at once and names it', async () => {
  expect(await watch([both, one, one])).toEqual({
    hasPassed: false,
    note: '1 of 2 tunnels stopped answering: acme:2.',
    count: 3,
    now: 4000,
  });
});

test('when a tunnel is down in the last look, fails', async () => {
  expect(await watch([both, both, both, both, both, one])).toMatchObject({ hasPassed: false });
});

test('when the appliance no longer answers, fails with all its tunnels', async () => {
  expect(await watch([null])).toMatchObject({
    hasPassed: false,
    note: '2 of 2 tunnels stopped answering: acme:1, acme:2.',
  });
});

test('when the operator stops the run, ends early without a failure', async () => {
  expect(await watch([both], AbortSignal.abort())).toMatchObject({
    hasPassed: true,
    note: 'The watch was ended early.',
    count: 1,
  });
});

test.each([
  [20, /: acme:1, .*acme:20\.$/u],
  [3000, /^3000 of 3000 tunnels stopped answering: acme:1, .*, acme:20 and 2980 more\.$/u],
])('when %i tunnels stop answering, the note names some and counts the others', async (count, note) => {
  const result = await watchCanary({
    before: Array.from({ length: count }, (_, at) => `acme:${at + 1}`),
    look: () => Promise.resolve(null),
    seconds: 1,
    everyMs: 1000,
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    signal: new AbortController().signal,
  });
  expect(result).toEqual({ hasPassed: false, note: expect.stringMatching(note) });
});
