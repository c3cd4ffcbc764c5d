import { createAssembler, type WatchedAppliance } from '../../src-shared/model/watch/watchedAppliance.ts';
import type { WatchLine, WatchPosition } from '../../src-shared/model/watch/watchLines.ts';
import { applyChange, type Parts } from '../../src-shared/model/watch/watchedParts.ts';
import { AppError } from '../../src-shared/errors.ts';

const outOfOrder = (reason: string) =>
  new AppError('OUTPUT_UNPARSED', `ke_watch printed a line that does not follow: ${reason}`);

/** What an appliance said in the lines of `ke_watch`. Survives a lost link, so that only what changed is sent again. */
export function createWatchedState() {
  let assemble = createAssembler();
  let parts: Parts | null = null;
  let position: WatchPosition | null = null;
  /** The shortest time that a line took, by two clocks that started at different times. */
  let leastOffsetMs = Number.POSITIVE_INFINITY;

  function takeLine(line: WatchLine): void {
    if (line.type === 'snapshot') {
      parts = new Map(Object.entries(line.parts));
      position = { epoch: line.epoch, revision: line.revision };
      return;
    }
    if (parts === null || position === null) throw outOfOrder('there was no snapshot');
    const expected = position.revision + (line.type === 'change' ? 1 : 0);
    if (line.revision !== expected) throw outOfOrder(`revision ${line.revision} instead of ${expected}`);
    if (line.type === 'resumed' && line.epoch !== position.epoch) throw outOfOrder('another epoch');
    if (line.type !== 'change') return;
    parts = applyChange(parts, line);
    position = { ...position, revision: line.revision };
  }

  return {
    position: () => position,
    /** A line arrives over a new connection, which may be slower or faster. */
    beginConnection: (): void => {
      leastOffsetMs = Number.POSITIVE_INFINITY;
    },
    /** Nothing that was said counts any more. */
    forget: (): void => {
      parts = null;
      position = null;
      assemble = createAssembler();
    },
    /**
     * Takes a line. Returns the whole appliance, and how long ago this held: lines may have waited on their way. Throws
     * OUTPUT_UNPARSED if the line does not follow the one before, or InvalidPartsError.
     */
    take: (line: WatchLine, receivedAtMs: number): { watched: WatchedAppliance; ageMs: number } => {
      takeLine(line);
      leastOffsetMs = Math.min(leastOffsetMs, receivedAtMs - line.seen.sentMs);
      const ageMs = Math.max(0, receivedAtMs - leastOffsetMs - line.seen.ms);
      return { watched: assemble(parts ?? new Map(), line.seen), ageMs };
    },
  };
}
