import { describe, expect, test } from 'vitest';
import { dayMs } from '../../base/time.ts';
import { aLicence } from '../../../test-support/aLicence.ts';
import { findClockProblems, findSeenClockProblems } from './clockProblems.ts';

const here = '2026-11-20T09:00:00.000Z';
const after = (milliseconds: number) => new Date(Date.parse(here) + milliseconds).toISOString();
const term = {
  state: 'valid' as const,
  notBefore: after(-300 * dayMs),
  expiresAt: after(65 * dayMs),
  graceEndsAt: after(79 * dayMs),
};
const seen = { seenNow: here, observedAt: here, ranBackFrom: null, licence: aLicence(term) };
const tenYears = 3653 * dayMs;

describe('the clock of an appliance', () => {
  test.each([0, 60_000, -60_000])('when it differs by %d ms, is no problem', (ms) => {
    expect(findClockProblems({ ...seen, seenNow: after(ms) })).toEqual([]);
  });

  test('when it is ten years ahead, says that the licence counts as expired because of that', () => {
    const licence = aLicence({ ...term, state: 'expired' });
    expect(findClockProblems({ ...seen, seenNow: after(tenYears), licence })).toEqual([
      {
        code: 'A-2005',
        severity: 'bad',
        text: 'its clock is 10 years ahead of this computer’s; its licence counts as expired because of that',
      },
    ]);
  });

  test('when it is behind, but the licence counts the same, warns only', () => {
    expect(findClockProblems({ ...seen, seenNow: after(-90_000) })).toEqual([
      { code: 'A-2005', severity: 'warn', text: 'its clock is 1 min behind this computer’s' },
    ]);
  });

  test('when it was set back from a wrong time, says what counts and the way out', () => {
    const licence = aLicence({ ...term, state: 'expired' });
    const [problem] = findClockProblems({ ...seen, ranBackFrom: after(tenYears), licence });
    expect(problem).toMatchObject({ code: 'A-2003', severity: 'bad' });
    expect(problem?.text).toContain('its licence counts as expired because of that');
    expect(problem?.text).toContain('the licence authority’s answer corrects it');
  });

  test('when it differs from this computer’s after it was set back, is one problem', () => {
    const problems = findClockProblems({ ...seen, seenNow: after(-2 * dayMs), ranBackFrom: here });
    expect(problems.map(({ code }) => code)).toEqual(['A-2003']);
    expect(problems[0]?.text).toMatch(/^its clock is 2 d behind this computer’s\. It was set back from /u);
  });

  test.each([
    [after(-5 * dayMs), null, 'A-2006', 'by its uptime it should show 2026-11-15 09:00:00 UTC'],
    [
      null,
      after(2 * dayMs),
      'A-2007',
      'its clock is before the licence’s date of issue, 2026-11-22 09:00:00 UTC',
    ],
  ])('when it should show %s and the licence was issued at %s, reports %s', (aheadOf, behind, code, text) => {
    const licence = aLicence({ ...term, clock: { aheadOf, behind } });
    expect(findClockProblems({ ...seen, seenNow: null, licence })).toEqual([
      { code, severity: 'warn', text: expect.stringContaining(text) },
    ]);
  });
});

test('the status tells whether the clock ran back; without one, the licence does', () => {
  const licence = { ...aLicence(term), clockRanBackFrom: after(dayMs) };
  const codes = (status: Parameters<typeof findSeenClockProblems>[0]['status']) =>
    findSeenClockProblems({ status, statusSeenAt: here, licence }).map(({ code }) => code);
  expect(codes(null)).toEqual(['A-2003']);
  expect(codes({ clock: { now: here, ranBackFrom: null } })).toEqual([]);
  expect(codes({ clock: { now: here, ranBackFrom: after(dayMs) } })).toEqual(['A-2003']);
});
