import { expect, test } from 'vitest';
import { AppError } from '../../../../src-shared/errors.ts';
import type { TenantAction, TenantOutcome } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { addRows } from './addRows.ts';

const rows = ['one', 'two', 'three'].map((clientId) => ({ clientId, publicKey: 'key', quota: null }));
const done: TenantOutcome = {
  state: 'done',
  code: null,
  message: 'added',
  tenant: null,
  observedAt: null,
  endedSessions: null,
  fingerprint: null,
  privateKey: null,
  leftover: null,
};

function run(answers: readonly (TenantOutcome | Error | (() => void))[]) {
  const stop = new AbortController();
  const actions: TenantAction[] = [];
  const seen: string[] = [];
  const results = addRows({
    rows,
    apply: async (action) => {
      const answer = answers[actions.push(action) - 1] ?? done;
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? done : answer;
    },
    signal: stop.signal,
    onResult: ({ index, clientId, outcome }) => {
      seen.push(`${index} ${clientId} ${outcome.state}`);
      const answer = answers[index];
      if (typeof answer === 'function') stop.abort();
    },
  });
  return { results, actions, seen };
}

test('when every row is added, returns them in order', async () => {
  const { results, actions, seen } = run([]);
  expect((await results).map(({ outcome }) => outcome.state)).toEqual(['done', 'done', 'done']);
  expect(seen).toEqual(['0 one done', '1 two done', '2 three done']);
  expect(actions[0]).toEqual({
    kind: 'add',
    clientId: 'one',
    key: { from: 'given', publicKey: 'key' },
    quota: null,
  });
});

test('when stopped, finishes the current row and starts no other', async () => {
  const { results, actions, seen } = run([() => undefined]);
  await results;
  expect(seen).toEqual(['0 one done']);
  expect(actions).toHaveLength(1);
});

test.each([
  ['refused', new AppError('CONFLICT', 'two already exists.'), 'CONFLICT', 'two already exists.'],
  [
    'not done',
    { ...done, state: 'not-done', code: 'BUSY', message: 'The appliance is busy.' } as const,
    'BUSY',
    'The appliance is busy.',
  ],
])('when a row is %s, reports it and starts no other', async (_case, answer, code, message) => {
  const { results, actions } = run([done, answer]);
  expect((await results).at(-1)).toMatchObject({
    index: 1,
    clientId: 'two',
    outcome: { state: 'not-done', code, message },
  });
  expect(actions).toHaveLength(2);
});

test('when Sallyport itself fails, rejects with that error', async () => {
  const { results } = run([new TypeError('a fault')]);
  await expect(results).rejects.toThrow('a fault');
});
