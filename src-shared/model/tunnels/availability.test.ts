import { expect, test } from 'vitest';
import { computeAvailability, mergeIntoCells } from './availability.ts';
import { computeToneSpans, type TunnelChange } from './tunnelHistory.ts';

const change = (
  atMs: number,
  tone: TunnelChange['tone'],
  code: TunnelChange['code'],
  reason = '',
): TunnelChange => ({ atMs, tone, code, reason, dropped: false });
const within = { fromMs: 100, toMs: 200 };
const all = [{ fromMs: 0, toMs: 300 }];
const up = (atMs: number) => change(atMs, 'ok', 'T-4000');

test('when a tunnel is up all the time, there is no outage', () => {
  expect(computeAvailability({ changes: [up(50)], watched: all, within })).toEqual({
    watchedMs: 100,
    upMs: 100,
    outages: [],
  });
});

test('when an outage changes its code, it stays one outage with its first reason', () => {
  const changes = [
    up(50),
    change(120, 'warn', 'T-3001', 'client timed out'),
    change(130, 'bad', 'T-4001', 'stale'),
    up(150),
  ];
  expect(computeAvailability({ changes, watched: all, within })).toEqual({
    watchedMs: 100,
    upMs: 70,
    outages: [{ startMs: 120, endMs: 150, code: 'T-3001', reason: 'client timed out' }],
  });
});

test('when an outage continues or its end was not watched, its end is null', () => {
  const changes = [change(50, 'bad', 'T-6001', 'refused')];
  const watched = [
    { fromMs: 90, toMs: 120 },
    { fromMs: 160, toMs: 300 },
  ];
  const outage = { endMs: null, code: 'T-6001', reason: 'refused' };
  expect(computeAvailability({ changes, watched, within })).toEqual({
    watchedMs: 60,
    upMs: 0,
    outages: [
      { ...outage, startMs: 100 },
      { ...outage, startMs: 160 },
    ],
  });
});

test('when a tunnel is suspended or its state is unknown, ignores that time', () => {
  const changes = [up(50), change(120, 'off', 'T-2002'), up(140), change(160, 'warn', 'T-1001')];
  expect(computeAvailability({ changes, watched: all, within })).toEqual({
    watchedMs: 40,
    upMs: 40,
    outages: [],
  });
  expect(computeAvailability({ changes: [], watched: all, within })).toEqual({
    watchedMs: 0,
    upMs: 0,
    outages: [],
  });
});

test('when spans are merged into cells, each cell has its worst state, and equal cells are joined', () => {
  const changes = [up(50), change(121, 'bad', 'T-6001'), up(122), change(170, 'warn', 'T-6301')];
  const spans = computeToneSpans({ changes, watched: [{ fromMs: 105, toMs: 185 }], within });
  const coarse = mergeIntoCells(spans, 20);
  expect(coarse.map(({ fromMs, toMs, tone }) => `${fromMs}-${toMs} ${tone}`)).toEqual([
    '100-120 ok',
    '120-140 bad',
    '140-160 ok',
    '160-200 warn',
  ]);
  expect(mergeIntoCells([], 20)).toEqual([]);
  const noChangeFeed = mergeIntoCells(computeToneSpans({ changes, watched: [], within }), 30);
  expect(noChangeFeed).toEqual([{ fromMs: 100, toMs: 200, tone: 'unknown', code: null }]);
});
