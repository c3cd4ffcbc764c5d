import { expect, test } from 'vitest';
import { hourMs } from '../../base/time.ts';
import { shareDays, sumFaults } from './dayShares.ts';
import type { ToneSpan } from './tunnelHistory.ts';

const span = (from: number, to: number, state: Pick<ToneSpan, 'tone' | 'code'>): ToneSpan => ({
  fromMs: from * hourMs,
  toMs: to * hourMs,
  ...state,
});
const ok = { tone: 'ok', code: 'T-6000' } as const;
const stale = { tone: 'bad', code: 'T-4002' } as const;
const refused = { tone: 'bad', code: 'T-6001' } as const;
const unseen = { tone: 'unknown', code: null } as const;
const suspended = { tone: 'off', code: 'T-2002' } as const;
const none = { ok: 0, warn: 0, bad: 0, off: 0, unknown: 0 };

test('when a span crosses midnight, each day has its own part of it', () => {
  const spans = [span(0, 10, unseen), span(10, 30, ok), span(30, 33, stale), span(33, 36, ok)];
  expect(shareDays(spans, [0, 24 * hourMs])).toEqual([
    {
      fromMs: 0,
      toMs: 24 * hourMs,
      byTone: { ...none, unknown: 10 * hourMs, ok: 14 * hourMs },
      upMs: 14 * hourMs,
      watchedMs: 14 * hourMs,
      faults: [],
    },
    {
      fromMs: 24 * hourMs,
      toMs: 36 * hourMs,
      byTone: { ...none, ok: 9 * hourMs, bad: 3 * hourMs },
      upMs: 9 * hourMs,
      watchedMs: 12 * hourMs,
      faults: [{ code: 'T-4002', durationMs: 3 * hourMs }],
    },
  ]);
});

test('when a tunnel was suspended, that time counts neither as up nor as monitored', () => {
  const [day] = shareDays([span(0, 6, suspended), span(6, 24, ok)], [0]);
  expect([day?.upMs, day?.watchedMs, day?.byTone.off]).toEqual([18 * hourMs, 18 * hourMs, 6 * hourMs]);
});

test('when several faults occurred, each is listed once with its total, the longest first', () => {
  const spans = [span(0, 1, stale), span(1, 4, refused), span(4, 5, stale), span(5, 6, ok)];
  const [day] = shareDays(spans, [0]);
  const faults = [
    { code: 'T-6001', durationMs: 3 * hourMs },
    { code: 'T-4002', durationMs: 2 * hourMs },
  ];
  expect(day?.faults).toEqual(faults);
  expect(
    sumFaults([...faults, ...faults].map(({ durationMs }) => ({ code: 'T-4002' as const, durationMs }))),
  ).toEqual([{ code: 'T-4002', durationMs: 10 * hourMs }]);
});

test('when there is no history, there are no shares', () => {
  expect(shareDays([], [])).toEqual([]);
});
