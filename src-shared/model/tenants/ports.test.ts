import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  countPorts,
  defaultQuota,
  firstPort,
  formatRanges,
  hasPort,
  lastPort,
  listPorts,
  portCount,
} from './ports.ts';

it('the port range has room for 150 tenants with the default quota', () => {
  expect(portCount / defaultQuota).toBe(150);
});

it('counting, listing and finding agree about the ports', () => {
  const range = fc
    .tuple(fc.integer({ min: firstPort, max: lastPort }), fc.integer({ min: 0, max: 50 }))
    .map(([first, more]) => ({ first, last: Math.min(lastPort, first + more) }));
  fc.assert(
    fc.property(fc.array(range, { maxLength: 5 }), (ranges) => {
      const ports = listPorts(ranges);
      expect(ports).toHaveLength(countPorts(ranges));
      expect(ports.every((port) => hasPort(ranges, port))).toBe(true);
      expect(hasPort(ranges, lastPort + 1)).toBe(false);
    }),
  );
});

it('formats blocks for users', () => {
  expect(
    formatRanges([
      { first: 2200, last: 2219 },
      { first: 2300, last: 2300 },
    ]),
  ).toBe('2200–2219, 2300');
});
