import { createAssembler, type WatchedAppliance } from '../../src-shared/model/watch/watchedAppliance.ts';
import type { Seen, WatchLine, WatchPosition } from '../../src-shared/model/watch/watchLines.ts';
import { applyChange, type Parts } from '../../src-shared/model/watch/watchedParts.ts';
import { AppError } from '../../src-shared/errors.ts';

/** How much faster than the other one of two clocks may run: a connection lasts for weeks **[ours]**. */
const clockDrift = 0.0002;

const outOfOrder = (reason: string) =>
  new AppError('OUTPUT_UNPARSED', `ke_watch printed a line that does not follow: ${reason}`);

/** What an appliance said in the lines of `ke_watch`. Survives a lost link, so that only what changed is sent again. */
export function createWatchedState() {
  let assemble = createAssembler();
  let parts: Parts | null = null;
  let position: WatchPosition | null = null;
  /** The shortest time that a line took, by two clocks that started at different times. */
  let leastOffsetMs = Number.POSITIVE_INFINITY;
  let receivedLastMs = 0;
  /** When what was said last held, by the receiver's clock. Each line knows at least as much as the one before. */
  let heldMs = Number.NEGATIVE_INFINITY;

  function findHeld({ ms, sentMs }: Seen, receivedAtMs: number): number {
    const driftMs = Math.max(0, receivedAtMs - receivedLastMs) * clockDrift;
    leastOffsetMs = Math.min(leastOffsetMs + driftMs, receivedAtMs - sentMs);
    receivedLastMs = receivedAtMs;
    return Math.min(receivedAtMs, Math.max(heldMs, leastOffsetMs + ms));
  }

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
      heldMs = Number.NEGATIVE_INFINITY;
    },
    /** Nothing that was said counts any more. */
    forget: (): void => {
      parts = null;
      position = null;
      assemble = createAssembler();
    },
    /**
     * Takes a line. Returns the whole appliance, and when this held, by the clock of `receivedAtMs`: lines may have waited on
     * their way. Throws OUTPUT_UNPARSED if the line does not follow the one before, or InvalidPartsError.
     */
    take: (line: WatchLine, receivedAtMs: number): { watched: WatchedAppliance; heldMs: number } => {
      takeLine(line);
      heldMs = findHeld(line.seen, receivedAtMs);
      return { watched: assemble(parts ?? new Map(), line.seen), heldMs };
    },
  };
}
