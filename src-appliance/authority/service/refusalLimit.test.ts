import { expect, test } from 'vitest';
import { createRefusalLimit, maxClients, maxRefusals } from './refusalLimit.ts';

function startLimit() {
  let now = 5000;
  const limit = createRefusalLimit(() => now);
  return {
    ...limit,
    refuse: (address: string, times: number) => {
      for (let at = 0; at < times; at += 1) limit.count(address);
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('when a client has too many refusals, it waits, and one refusal is restored each second', () => {
  const limit = startLimit();
  limit.refuse('192.0.2.1', maxRefusals - 1);
  expect(limit.waitMs('192.0.2.1')).toBe(0);
  limit.refuse('192.0.2.1', 1);
  expect(limit.waitMs('192.0.2.1')).toBe(1000);
  expect(limit.waitMs('192.0.2.2')).toBe(0);
  limit.pass(1000);
  expect(limit.waitMs('192.0.2.1')).toBe(0);
  limit.refuse('192.0.2.1', 1);
  expect(limit.waitMs('192.0.2.1')).toBe(1000);
  limit.pass(maxRefusals * 1000);
  limit.refuse('192.0.2.1', maxRefusals - 1);
  expect(limit.waitMs('192.0.2.1')).toBe(0);
});

test.each([
  ['2001:db8:0:1::1', '2001:db8:0:1:ffff::9', true],
  ['2001:db8::1', '2001:db8:0:0:1:2:3:4', true],
  ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
  ['::ffff:192.0.2.1', '192.0.2.1', true],
  ['::1', '::2', true],
  ['192.0.2.1', '192.0.2.2', false],
])('counts %s and %s as one client: %s', (one, other, isSame) => {
  const limit = startLimit();
  limit.refuse(one, maxRefusals);
  expect(limit.waitMs(other) > 0).toBe(isSame);
});

const addressOf = (at: number) => `10.0.${at >> 8}.${at & 255}`;

test('when many addresses are refused, the first ones are forgotten and the newest are known', () => {
  const limit = startLimit();
  limit.refuse(addressOf(0), maxRefusals);
  limit.refuse(addressOf(1), maxRefusals);
  for (let at = 2; at < maxClients; at += 1) limit.count(addressOf(at));
  expect(limit.waitMs(addressOf(0))).toBeGreaterThan(0);
  limit.count(addressOf(0));
  limit.count(addressOf(maxClients));
  expect(limit.waitMs(addressOf(1))).toBe(0);
  expect(limit.waitMs(addressOf(0))).toBeGreaterThan(0);
});
