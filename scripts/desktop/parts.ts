import { startPart, type Part, type PartEnd } from '../part.ts';

/** The programs that `npm start` runs: the lab, the web host, the desktop. */
export function createParts() {
  const running: Part[] = [];
  const first = Promise.withResolvers<{ part: Part; end: PartEnd }>();
  return {
    start: (options: Parameters<typeof startPart>[0]): Part => {
      const part = startPart(options);
      running.push(part);
      return part;
    },
    /** From now on, the end of this part ends `npm start`. */
    watch: (part: Part): void => void part.ended.then((end) => first.resolve({ part, end })),
    /** Resolves when the first of the watched parts has ended. */
    firstEnd: first.promise,
    stopAll: () => Promise.all(running.map((part) => part.stop())),
  };
}

export type Parts = ReturnType<typeof createParts>;
