import { expect, test } from 'vitest';
import { findLeadTimesProblem, leadTimesSchema, orderedLeadTimesSchema } from './calendarSettings.ts';

const usual = leadTimesSchema.parse({});

test.each([
  ['the quote after the order', { quoteDays: 20 }, 'quoteDays', 21],
  ['the order after carrying', { orderDays: 9 }, 'orderDays', 10],
  ['carrying after applying', { carryDays: 4 }, 'carryDays', 5],
  ['applying before everything else', { applyDays: 365 }, 'carryDays', 365],
  ['two steps out of order', { quoteDays: 0, carryDays: 0 }, 'quoteDays', 21],
] as const)(
  'when lead times plan %s, they are refused at the earlier step',
  (_what, changes, field, least) => {
    const days = { ...usual, ...changes };
    expect(findLeadTimesProblem(days)).toMatchObject({ field, least });
    const { error } = orderedLeadTimesSchema.safeParse(days);
    expect(error?.issues).toMatchObject([
      { path: [field], message: expect.stringContaining(`${least} days`) },
    ]);
    // What another version saved is still read.
    expect(leadTimesSchema.safeParse(days).success).toBe(true);
  },
);

test.each([
  ['the defaults', {}],
  ['all steps on one day', { quoteDays: 5, orderDays: 5, carryDays: 5, applyDays: 5 }],
  ['no lead time', { quoteDays: 0, orderDays: 0, carryDays: 0, applyDays: 0 }],
])('when lead times are %s, they are accepted', (_what, changes) => {
  expect(orderedLeadTimesSchema.safeParse({ ...usual, ...changes }).success).toBe(true);
});

test('when days are missing, the others are compared', () => {
  expect(findLeadTimesProblem({ quoteDays: 3, applyDays: 5 })).toMatchObject({
    field: 'quoteDays',
    following: 'applyDays',
  });
  expect(findLeadTimesProblem({ orderDays: 3 })).toBeNull();
});
