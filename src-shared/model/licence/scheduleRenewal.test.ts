import { expect, test } from 'vitest';
import { aLicence } from '../../../test-support/aLicence.ts';
import { leadTimesSchema } from './calendarSettings.ts';
import type { LicenceShowOutput } from './licence.ts';
import { emptySchedule, licenceWorkSchema, type LicenceSchedule } from './licenceWork.ts';
import { scheduleRenewal, type OpenTrip } from './scheduleRenewal.ts';

// quote 4 Nov, order 18 Nov, carry 27 Nov, apply 4 Dec
const licence = aLicence({
  state: 'valid',
  sequence: 12,
  expiresAt: '2026-12-10T00:00:00.000Z',
  mode: 'offline',
});
const done = { at: '2026-11-02T00:00:00.000Z', by: 'ada', note: '' };
const snooze = { until: '2026-11-30', reason: 'Budget meeting', at: done.at, by: 'ada' };
const trip: OpenTrip = { openedAt: done.at, openedBy: 'ada', answer: null };

function schedule(input: {
  on?: string;
  licence?: Partial<LicenceShowOutput>;
  work?: unknown;
  trip?: OpenTrip;
}): LicenceSchedule {
  return scheduleRenewal({
    licence: { ...licence, ...input.licence },
    work: licenceWorkSchema.parse(input.work ?? {}),
    trip: input.trip ?? null,
    leadTimes: leadTimesSchema.parse({}),
    now: Date.parse(`${input.on ?? '2026-11-20'}T12:00:00.000Z`),
  });
}

test.each<[string, Parameters<typeof schedule>[0], LicenceSchedule['next'], boolean]>([
  ['nothing is done', {}, { step: 'quote', day: '2026-11-04' }, true],
  ['its first date is far', { on: '2026-10-01' }, { step: 'quote', day: '2026-11-04' }, false],
  ['its first date is in 8 days', { on: '2026-10-27' }, { step: 'quote', day: '2026-11-04' }, false],
  ['its first date is in 7 days', { on: '2026-10-28' }, { step: 'quote', day: '2026-11-04' }, true],
  ['the quote is done', { work: { done: { quote: done } } }, { step: 'order', day: '2026-11-18' }, true],
  ['only the order is done', { work: { done: { order: done } } }, { step: 'carry', day: '2026-11-27' }, true],
  ['a request is on its way', { trip }, { step: 'carry', day: '2026-11-27' }, true],
  [
    'an answer came back',
    { trip: { ...trip, answer: { at: done.at, by: 'ada' } } },
    { step: 'apply', day: '2026-12-04' },
    false,
  ],
  [
    'the appliance fetches it and the order is done',
    { licence: { mode: 'connected' }, work: { done: { order: done } } },
    { step: 'receive', day: '2026-12-09' },
    false,
  ],
  ['it is in grace', { licence: { state: 'grace' } }, { step: 'renew', day: null }, true],
  ['it is missing', { licence: { state: 'missing', expiresAt: null } }, { step: 'install', day: null }, true],
  ['it is snoozed', { work: { snooze } }, { step: 'quote', day: '2026-11-04' }, false],
  [
    'its snooze ended today',
    { on: '2026-11-30', work: { snooze } },
    { step: 'quote', day: '2026-11-04' },
    true,
  ],
])('when %s, says the next step and whether it is due', (_case, input, next, isDue) => {
  expect(schedule(input)).toMatchObject({ next, isDue });
});

test('when no licence is required, nothing is planned', () => {
  expect(schedule({ licence: { state: 'not-required', expiresAt: null } })).toEqual(emptySchedule);
});

test.each([
  { name: 'nothing is near', input: { on: '2026-10-01' }, hasBegun: false },
  { name: 'a request is on its way and no step is due', input: { on: '2026-11-10', trip }, hasBegun: true },
  {
    name: 'an answer came back and no step is due',
    input: { trip: { ...trip, answer: { at: done.at, by: 'ada' } } },
    hasBegun: true,
  },
  { name: 'it is snoozed', input: { work: { snooze } }, hasBegun: false },
])('when $name, the work of the renewal has begun: $hasBegun', ({ input, hasBegun }) => {
  expect(schedule(input).hasBegun).toBe(hasBegun);
});
