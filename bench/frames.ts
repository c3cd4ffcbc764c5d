import { percentile } from './machine.ts';
import type { CDPSession, Locator } from '@playwright/test';

export type Figures = { frames: number; median: number; p95: number; p99: number; longest: number };

export function summarizeFrames(frames: readonly number[]): Figures {
  const sorted = frames.toSorted((a, b) => a - b);
  return {
    frames: frames.length,
    median: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    longest: percentile(sorted, 1),
  };
}

/** Scrolls down and up like a dragged scroll bar, and returns the duration of each frame. */
export function scrollToAndFro(scroller: Locator, duration: number): Promise<number[]> {
  return scroller.evaluate(
    (element, milliseconds) =>
      new Promise<number[]>((resolve) => {
        const found: number[] = [];
        const view = element.ownerDocument.defaultView;
        if (view === null) throw new Error('the scroller is on no page');
        const end = element.scrollHeight - element.clientHeight;
        const start = performance.now();
        let last = start;
        const frame = (now: number): void => {
          found.push(now - last);
          last = now;
          const share = Math.min(1, (now - start) / milliseconds);
          element.scrollTop = end * (share < 0.5 ? share * 2 : 2 - share * 2);
          if (share < 1) view.requestAnimationFrame(frame);
          else resolve(found.slice(1));
        };
        view.requestAnimationFrame(frame);
      }),
    duration,
  );
}

/** Returns the duration of each frame of a page. In each frame, it computes for `workMs`. */
export function watchFrames(body: Locator, duration: number, workMs = 0): Promise<number[]> {
  return body.evaluate(
    (element, wanted) =>
      new Promise<number[]>((resolve) => {
        const view = element.ownerDocument.defaultView;
        if (view === null) throw new Error('the body is on no page');
        let sum = 0;
        const work = (rounds: number): void => {
          for (let round = 0; round < rounds; round += 1) sum += Math.sqrt(round ^ sum);
        };
        const trial = 1_000_000;
        const trials = Array.from({ length: wanted.workMs === 0 ? 0 : 30 }, () => {
          const begin = performance.now();
          work(trial);
          return performance.now() - begin;
        });
        const rounds = (wanted.workMs * trial) / Math.max(0.1, Math.min(...trials));
        const found: number[] = [];
        const start = performance.now();
        let last = start;
        const frame = (now: number): void => {
          found.push(now - last);
          last = now;
          work(rounds);
          if (now - start < wanted.duration) view.requestAnimationFrame(frame);
          else resolve(found.slice(1));
        };
        view.requestAnimationFrame(frame);
      }),
    { duration, workMs },
  );
}

/**
 * Measures frames with exactly 12 ms of work each, which leaves a fourth of a frame free. If they are slow, other
 * programs on the machine are the cause.
 */
export const measureMachine = (body: Locator): Promise<number[]> => watchFrames(body, 4000, 12);

/** Computing time of the page's thread so far, in milliseconds. */
export async function workedMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  const seconds = metrics.find(({ name }) => name === 'TaskDuration')?.value;
  if (seconds === undefined) throw new Error('the browser does not tell how long its tasks took');
  return seconds * 1000;
}
