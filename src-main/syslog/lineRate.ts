const windowSeconds = 5;

/** Counts the lines per second over the last five whole seconds. `clock` returns epoch milliseconds. */
export function createLineRate(clock: () => number) {
  const counts = new Map<number, number>();
  const currentSecond = () => Math.floor(clock() / 1000);
  return {
    add: (lines: number): void => {
      const second = currentSecond();
      counts.set(second, (counts.get(second) ?? 0) + lines);
      for (const old of counts.keys()) if (old < second - windowSeconds) counts.delete(old);
    },
    perSecond: (): number => {
      const now = currentSecond();
      let sum = 0;
      for (let second = now - windowSeconds; second < now; second += 1) sum += counts.get(second) ?? 0;
      return sum / windowSeconds;
    },
  };
}
