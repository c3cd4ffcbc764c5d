import { expect, test } from 'vitest';
import { countTunnels } from './tunnelCounts.ts';
import { toneOf, tunnelCodes, tunnelCodeSchema } from './tunnelCodes.ts';
import { needsAttention } from './tone.ts';

test('when tunnels are counted, red, amber and unknown are separate numbers', () => {
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

test('when an appliance does not answer, none of its tunnels needs attention', () => {
  const away = Object.keys(tunnelCodes).filter(
    (code) => code.startsWith('T-1') && needsAttention(toneOf(tunnelCodeSchema.parse(code))),
  );
  expect(away).toEqual([]);
});
