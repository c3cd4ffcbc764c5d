import { describe, expect, it } from 'vitest';
import { defaultSpreadMs as spreadMs, reconnectDelay } from './backOff.ts';

const span = (failures: number): number[] => [
  reconnectDelay({ failures, spreadMs, random: () => 0 }),
  reconnectDelay({ failures, spreadMs, random: () => 1 }),
];

describe('reconnectDelay', () => {
  it('doubles up to 30 seconds, and is random over its whole length', () => {
    expect([1, 2, 3, 4, 5, 1000].map(span)).toStrictEqual([
      [0, 2000],
      [0, 4000],
      [0, 8000],
      [0, 16_000],
      [0, 30_000],
      [0, 30_000],
    ]);
  });

  it('when the appliance asks for a longer spread, spreads later attempts over it', () => {
    const longest = [1, 5, 8, 10, 1000].map((failures) =>
      reconnectDelay({ failures, spreadMs: 200_000, random: () => 1 }),
    );
    expect(longest).toStrictEqual([2000, 32_000, 200_000, 200_000, 200_000]);
  });

  it('when all tenants lose a working connection at the same time, they reconnect one by one', () => {
    const arrivals = Array.from({ length: 150 }, () => reconnectDelay({ failures: 0, spreadMs: 15_000 }));
    const busiest = Math.max(
      ...arrivals.map((start) => arrivals.filter((at) => at >= start && at < start + 1000).length),
    );
    expect(Math.max(...arrivals)).toBeLessThanOrEqual(15_000);
    // On average, 10 tenants reconnect per second. Without the random spread, all 150 would reconnect within
    // one second.
    expect(busiest).toBeLessThan(30);
  });
});
