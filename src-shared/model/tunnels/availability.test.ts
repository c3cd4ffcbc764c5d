import { expect, test } from 'vitest';
import {
  computeAvailability,
  joinEqual,
  joinInCells,
  mergeIntoCells,
  mergeMembers,
  type MemberHistory,
} from './availability.ts';
import { computeToneSpans, type TunnelChange } from './tunnelHistory.ts';

const change = (
  atMs: number,
  tone: TunnelChange['tone'],
  code: TunnelChange['code'],
  reason = '',
): TunnelChange => ({ atMs, tone, code, reason, dropped: false });
const within = { fromMs: 100, toMs: 200 };
const availabilityOf = ({ within: period, ...member }: MemberHistory & { within: typeof within }) =>
  computeAvailability(mergeMembers([member], period));
const all = [{ fromMs: 0, toMs: 300 }];
const up = (atMs: number) => change(atMs, 'ok', 'T-4000');

test('when a tunnel is up all the time, there is no outage', () => {
  expect(availabilityOf({ changes: [up(50)], watched: all, within })).toEqual({
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
  expect(availabilityOf({ changes, watched: all, within })).toEqual({
    watchedMs: 100,
    upMs: 70,
    outages: [{ startMs: 120, endMs: 150, seenUntilMs: 150, code: 'T-3001', reason: 'client timed out' }],
  });
});

test('when an outage continues or its end was not watched, its end is null', () => {
  const changes = [change(50, 'bad', 'T-6001', 'refused')];
  const watched = [
    { fromMs: 90, toMs: 120 },
    { fromMs: 160, toMs: 300 },
  ];
  const outage = { endMs: null, code: 'T-6001', reason: 'refused' };
  expect(availabilityOf({ changes, watched, within })).toEqual({
    watchedMs: 60,
    upMs: 0,
    outages: [
      { ...outage, startMs: 100, seenUntilMs: 120 },
      { ...outage, startMs: 160, seenUntilMs: within.toMs },
    ],
  });
});

test('when a tunnel is suspended or its state is unknown, ignores that time', () => {
  const changes = [up(50), change(120, 'off', 'T-2002'), up(140), change(160, 'warn', 'T-1001')];
  expect(availabilityOf({ changes, watched: all, within })).toEqual({
    watchedMs: 40,
    upMs: 40,
    outages: [],
  });
  expect(availabilityOf({ changes: [], watched: all, within })).toEqual({
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

test('when equal states are joined in cells, each state keeps its duration, and cells start at multiples', () => {
  const changes = [up(50), change(121, 'bad', 'T-6001'), up(122), change(126, 'bad', 'T-6001'), up(165)];
  const exact = { watched: [{ fromMs: 105, toMs: 185 }], within };
  const spans = computeToneSpans({ changes, ...exact });
  const joined = joinInCells(spans, 30);
  expect(shape(joined)).toEqual([
    '100-105 –',
    '105-125 T-4000',
    '125-165 T-6001',
    '165-185 T-4000',
    '185-200 –',
  ]);
  expect(computeAvailability(joined.map((span) => ({ ...span, member: undefined })))).toMatchObject(
    (({ watchedMs, upMs }) => ({ watchedMs, upMs }))(availabilityOf({ changes, ...exact })),
  );
  const flapping = Array.from({ length: 600 }, (_, index) =>
    index % 2 === 0 ? up(index) : change(index, 'bad', 'T-6001'),
  );
  const busy = computeToneSpans({ changes: flapping, watched: all, within });
  expect(joinInCells(busy, 60).length).toBeLessThanOrEqual(6);
});

const down = (atMs: number, reason = '') => change(atMs, 'warn', 'T-3001', reason);
const elsewhere = (atMs: number) => change(atMs, 'off', 'T-3005');
const merge = (...members: MemberHistory[]) => {
  const merged = mergeMembers(members, within);
  return { spans: shape(merged), ...computeAvailability(merged) };
};
const shape = (spans: Parameters<typeof joinEqual>[0]) =>
  joinEqual(spans).map(({ fromMs, toMs, code }) => `${fromMs}-${toMs} ${code ?? '–'}`);

test('when a session moves to another member, the tunnel is up on both sides of the move', () => {
  const left = { changes: [up(50), elsewhere(140)], watched: all };
  const right = { changes: [elsewhere(50), up(143)], watched: all };
  expect(merge(left, right)).toEqual({
    spans: ['100-140 T-4000', '140-143 T-3005', '143-200 T-4000'],
    watchedMs: 97,
    upMs: 97,
    outages: [],
  });
});

test('when no member serves a tunnel, the outage counts once, with the reason of the member that lost it', () => {
  const lost = { changes: [up(50), down(120, 'timed out'), up(150)], watched: all };
  const other = { changes: [elsewhere(50), down(121, 'long ago'), elsewhere(152)], watched: all };
  expect(merge(lost, other)).toMatchObject({
    watchedMs: 100,
    upMs: 70,
    outages: [{ startMs: 120, endMs: 150, code: 'T-3001', reason: 'timed out' }],
  });
});

test('when one member is not watched, the others’ history counts, and a time that none watched is unknown', () => {
  const left = { changes: [up(50)], watched: [{ fromMs: 0, toMs: 130 }] };
  const right = { changes: [up(50)], watched: [{ fromMs: 160, toMs: 300 }] };
  expect(merge(left, right)).toEqual({
    spans: ['100-130 T-4000', '130-160 –', '160-200 T-4000'],
    watchedMs: 70,
    upMs: 70,
    outages: [],
  });
});
