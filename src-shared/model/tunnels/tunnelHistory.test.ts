import { expect, test } from 'vitest';
import { availabilityOf, computeToneSpans, type TunnelChange } from './tunnelHistory.ts';

const change = (atMs: number, tone: TunnelChange['tone'], code: TunnelChange['code']): TunnelChange => ({
  atMs,
  tone,
  code,
  reason: '',
  dropped: false,
});
const within = { fromMs: 100, toMs: 200 };
const shape = (spans: ReturnType<typeof computeToneSpans>) =>
  spans.map((span) => `${span.fromMs}-${span.toMs} ${span.tone} ${span.code ?? '–'}`);

test('when an appliance cannot be reached, its tunnels are unknown, and a warning counts as up', () => {
  expect(availabilityOf({ tone: 'warn', code: 'T-1001' })).toBe('unknown');
  expect(availabilityOf({ tone: 'warn', code: 'T-3001' })).toBe('down');
  expect(availabilityOf({ tone: 'warn', code: 'T-6301' })).toBe('up');
  expect(availabilityOf({ tone: 'warn', code: 'T-4003' })).toBe('up');
  expect(availabilityOf({ tone: 'bad', code: 'T-6001' })).toBe('down');
  expect(availabilityOf({ tone: 'off', code: 'T-2002' })).toBe('off');
  expect(availabilityOf({ tone: 'ok', code: 'T-6000' })).toBe('up');
});

test('when a period was not watched, all of it is unknown', () => {
  const spans = computeToneSpans({ changes: [change(50, 'ok', 'T-4000')], watched: [], within });
  expect(shape(spans)).toEqual(['100-200 unknown –']);
});

test('when a state started before a watched time, it continues; unwatched time is unknown', () => {
  const spans = computeToneSpans({
    changes: [change(50, 'ok', 'T-4000'), change(150, 'bad', 'T-4001'), change(170, 'ok', 'T-4000')],
    watched: [
      { fromMs: 40, toMs: 120 },
      { fromMs: 140, toMs: 160 },
      { fromMs: 155, toMs: 190 },
    ],
    within,
  });
  expect(shape(spans)).toEqual([
    '100-120 ok T-4000',
    '120-140 unknown –',
    '140-150 ok T-4000',
    '150-170 bad T-4001',
    '170-190 ok T-4000',
    '190-200 unknown –',
  ]);
});

test('when a watched time has no known state yet, it is unknown', () => {
  const spans = computeToneSpans({
    changes: [change(130, 'ok', 'T-4000'), change(130, 'ok', 'T-4000'), change(140, 'ok', 'T-4000')],
    watched: [{ fromMs: 100, toMs: 200 }],
    within,
  });
  expect(shape(spans)).toEqual(['100-130 unknown –', '130-200 ok T-4000']);
});
