import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import type { Bar, Span } from './bars.ts';

/** The bars where a selection began and where it is now, as they were then: bars move while lines arrive. */
type Draft = { anchor: Span; head: Span };

const spanOf = ({ anchor, head }: Draft): Span => ({
  from: Math.min(anchor.from, head.from),
  to: Math.max(anchor.to, head.to),
});

const toSpan = ({ from, to }: Bar): Span => ({ from, to });

/**
 * Selects a range of bars by dragging, or by the arrow keys, Shift and Enter. `draft` is the range before it is selected,
 * `head` the index of the bar that the keys are on, `pointed` that of the bar under the pointer or the keys.
 */
export function useRangeDraft({
  bars,
  hasSelected,
  onSelect,
}: {
  bars: readonly Bar[];
  hasSelected: boolean;
  onSelect: (span: Span | null) => void;
}) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [cursor, setCursor] = useState(bars.length - 1);
  const [pointed, setPointed] = useState<number | null>(null);
  const toIndex = (index: number): number => Math.max(0, Math.min(bars.length - 1, index));
  const head = toIndex(cursor);
  const select = (): void => {
    setDraft(null);
    if (draft !== null) onSelect(spanOf(draft));
  };
  const indexAt = ({ clientX, currentTarget }: PointerEvent): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return width === 0 ? 0 : toIndex(Math.floor(((clientX - left) / width) * bars.length));
  };
  const moveHead = (step: number, isExtending: boolean): void => {
    const next = toIndex(head + step);
    const [from, to] = [bars[head], bars[next]];
    if (from === undefined || to === undefined) return;
    setCursor(next);
    setPointed(next);
    const anchor = isExtending ? (draft?.anchor ?? toSpan(from)) : toSpan(to);
    setDraft({ anchor, head: toSpan(to) });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step !== 0) moveHead(step, event.shiftKey);
    else if (event.key === 'Enter' && draft !== null) select();
    else if (event.key === 'Escape' && (draft !== null || hasSelected)) {
      setDraft(null);
      onSelect(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const point = (event: PointerEvent): Span | null => {
    const index = indexAt(event);
    setPointed(index);
    const bar = bars[index];
    return bar === undefined ? null : toSpan(bar);
  };
  return {
    draft: draft === null ? null : spanOf(draft),
    head,
    pointed,
    handlers: {
      onKeyDown,
      onFocus: () => setPointed((index) => index ?? head),
      onBlur: () => setPointed(null),
      onPointerDown: (event: PointerEvent) => {
        event.currentTarget.setPointerCapture?.(event.pointerId);
        const bar = point(event);
        if (bar !== null) setDraft({ anchor: bar, head: bar });
      },
      onPointerMove: (event: PointerEvent) => {
        const bar = point(event);
        if (bar !== null && draft !== null && event.buttons === 1) setDraft({ ...draft, head: bar });
      },
      onPointerUp: select,
      onPointerCancel: () => setDraft(null),
      onPointerLeave: () => setPointed(null),
    },
  };
}
