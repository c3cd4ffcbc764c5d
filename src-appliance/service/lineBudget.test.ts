import { expect, it } from 'vitest';
import { createLineBudget } from './lineBudget.ts';

function setUp(portCount = 3000) {
  const lines: string[] = [];
  const clock = { now: 0 };
  const budget = createLineBudget({
    log: (severity, message) => lines.push(`${severity} ${message}`),
    portCount,
    now: () => clock.now,
  });
  return { lines, clock, budget };
}
const acme = { clientId: 'acme', portCount: 20 };

it('when a tenant opens and closes all its ports twice, logs every line', () => {
  const { lines, budget } = setUp();
  for (let index = 0; index < 80; index += 1) budget.log(acme, `line ${index}`);
  expect(lines).toHaveLength(80);
});

it('when a tenant flaps for an hour, logs a limited number of lines and how many were dropped', () => {
  const { lines, clock, budget } = setUp();
  for (; clock.now < 3_600_000; clock.now += 1000) {
    for (let port = 0; port < 20; port += 1) budget.log(acme, 'line');
    budget.reportDropped();
  }
  expect(lines.filter((line) => line === 'info line').length).toBeLessThanOrEqual(100 + 3_600 / 5);
  expect(lines).toContain('warning tenant acme: 1188 lines about its forwards were dropped');
});

it('when one tenant flaps, still logs the other tenants', () => {
  const { lines, budget } = setUp();
  for (let index = 0; index < 10_000; index += 1) budget.log(acme, 'line');
  budget.log({ clientId: 'globex', portCount: 20 }, 'the other');
  expect(lines.at(-1)).toBe('info the other');
});

it.each([
  [3000, 12_000],
  [500, 2000],
])('when all tenants flap on %i ports, logs %i lines', (portCount, expected) => {
  const { lines, budget } = setUp(portCount);
  for (let index = 0; index < 200; index += 1)
    for (let line = 0; line < 200; line += 1) budget.log({ clientId: `t${index}`, portCount: 20 }, 'line');
  expect(lines).toHaveLength(expected);
});
