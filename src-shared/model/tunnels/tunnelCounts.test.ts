import { expect, test } from 'vitest';
import { countTunnels } from './tunnelCounts.ts';
import { toneOf, tunnelCodes, tunnelCodeSchema } from './tunnelCodes.ts';
import { needsAttention } from './tone.ts';

test('when tunnels are counted, red, amber and away are three figures', () => {
  expect(
    countTunnels([
      { code: 'T-6000', tone: 'ok' },
      { code: 'T-4001', tone: 'bad' },
      { code: 'T-3001', tone: 'warn' },
      { code: 'T-6301', tone: 'warn' },
      { code: 'T-1001', tone: 'unknown' },
      { code: 'T-1002', tone: 'unknown' },
      { code: 'T-1003', tone: 'unknown' },
    ]),
  ).toEqual({ down: 1, attention: 2, unknown: 3 });
});

test('when an appliance is away, no tunnel of it needs attention', () => {
  const away = Object.keys(tunnelCodes).filter(
    (code) => code.startsWith('T-1') && needsAttention(toneOf(tunnelCodeSchema.parse(code))),
  );
  expect(away).toEqual([]);
});
