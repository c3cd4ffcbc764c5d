import '../../../../test-support/renderer/pageSetup.ts';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { minuteMs } from '../../../../src-shared/base/time.ts';
import type { Bar, Span, SpanCount } from './bars.ts';
import { Histogram } from './Histogram.tsx';

/** Local, because labels are. */
const start = new Date(2026, 10, 20, 2, 30).getTime();
const at = (minutes: number): number => start + minutes * minuteMs;

/** Nine bars of ten minutes; `bars` replaces counts. They move by `shift` minutes. */
function sampleBars(counts: Record<number, Partial<Bar>> = {}, shift = 0): Bar[] {
  return Array.from({ length: 9 }, (_, index) => ({
    from: at(index * 10 + shift),
    to: at(index * 10 + 10 + shift) - (index === 8 ? 0 : 1),
    errors: 0,
    warnings: 0,
    others: 0,
    ...counts[index],
  }));
}

function show(bars: Bar[], props: { selected?: Span; selectedCount?: SpanCount } = {}) {
  const onSelect = vi.fn<(span: Span | null) => void>();
  const draw = (present: Bar[]) => (
    <Histogram
      bars={present}
      gaps={[]}
      selected={props.selected ?? null}
      selectedCount={props.selectedCount ?? null}
      onSelect={onSelect}
    />
  );
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 900, 44));
  const { rerender } = render(draw(bars));
  return { onSelect, change: (next: Bar[]) => rerender(draw(next)) };
}

const label = () => screen.getByTestId('selection').textContent;
const pointed = () => screen.getByTestId('pointed-bar').textContent;
const marked = () => {
  const { left, width } = screen.getByTestId('marked-span').style;
  return [Number.parseFloat(left), Number.parseFloat(width)].map((part) => Math.round(part * 10) / 10);
};

afterEach(() => {
  vi.restoreAllMocks();
});

test('when bars move and grow while lines arrive, the label and the mark keep the times of the range', () => {
  const range = { from: at(35) + 8000, to: at(46) };
  const { change } = show(sampleBars({ 3: { others: 6 }, 4: { others: 10 } }), {
    selected: range,
    selectedCount: { lines: 10, errors: 1 },
  });
  const text = '11-20 03:05:08 – 03:16:00, 10 lines, 1 error';
  expect(label()).toBe(text);
  expect(marked()).toEqual([39, 12.1]);
  change(sampleBars({ 2: { others: 900 }, 3: { others: 800 } }, 9));
  expect(label()).toBe(text);
  expect(marked()).toEqual([29, 12.1]);
});

test('when the count of a range is not known, its label has only the times', () => {
  show(sampleBars({ 3: { others: 6 } }), { selected: { from: at(35), to: at(46) } });
  expect(label()).toBe('11-20 03:05:00 – 03:16:00');
});

test('when a range is partly or wholly outside of the bars, only the part inside is marked', () => {
  show(sampleBars(), { selected: { from: at(-30), to: at(45) } });
  expect(marked()).toEqual([0, 50]);
  show(sampleBars(), { selected: { from: at(-30), to: at(-20) } });
  expect(screen.getAllByTestId('marked-span')).toHaveLength(1);
});

test('when the pointer drags while lines arrive, the range covers what was dragged', () => {
  const { onSelect, change } = show(sampleBars({ 3: { others: 6, errors: 2 }, 4: { others: 10 } }));
  const slider = screen.getByRole('slider');
  fireEvent.pointerDown(slider, { clientX: 310, buttons: 1 });
  fireEvent.pointerMove(slider, { clientX: 490, buttons: 1 });
  expect(label()).toBe('11-20 03:00:00 – 03:19:59, 18 lines, 2 errors');
  change(sampleBars({}, 9));
  expect(label()).toBe('11-20 03:00:00 – 03:19:59');
  fireEvent.pointerUp(slider);
  expect(onSelect).toHaveBeenCalledExactlyOnceWith({ from: at(30), to: at(50) - 1 });
});

test('when the pointer or a key is on a bar, its time and counts show at once', async () => {
  const user = userEvent.setup();
  show(sampleBars({ 3: { others: 1200, errors: 1 }, 7: { warnings: 1 } }));
  expect(pointed()).toBe('');
  fireEvent.pointerMove(screen.getByRole('slider'), { clientX: 350 });
  expect(pointed()).toBe('11-20 03:00:00 – 03:09:59, 1,201 lines, 1 error');
  fireEvent.pointerLeave(screen.getByRole('slider'));
  expect(pointed()).toBe('');
  act(() => screen.getByRole('slider').focus());
  expect(pointed()).toBe('11-20 03:50:00 – 04:00:00, 0 lines, 0 errors');
  await user.keyboard('{ArrowLeft}');
  expect(pointed()).toBe('11-20 03:40:00 – 03:49:59, 1 line, 0 errors');
});

test('when a bar has few lines beside many, each of its parts is at least 2 px high', () => {
  show(sampleBars({ 2: { others: 100_000 }, 3: { others: 1, warnings: 1, errors: 1 } }));
  const parts = [...(screen.getAllByTestId('bar')[3]?.children ?? [])];
  expect(parts.map((part) => part.getAttribute('data-part'))).toEqual(['others', 'warnings', 'errors']);
  for (const part of parts) expect(getComputedStyle(part).minHeight).toBe('2px');
});

test('when bars cover an hour and a half, the axis has a label every ten minutes', () => {
  show(sampleBars());
  const labels = [...screen.getByTestId('axis').children];
  expect(labels.map(({ textContent }) => textContent)).toEqual([
    '11-20 02:30',
    '02:40',
    '02:50',
    '03:00',
    '03:10',
    '03:20',
    '03:30',
    '03:40',
    '03:50',
  ]);
  expect(labels[3]?.getAttribute('style')).toMatch(/^left: 33\.3/u);
});
