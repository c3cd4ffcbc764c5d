import { expect, test } from 'vitest';
import { createChannelBudget } from './channelBudget.ts';

const lost = new AbortController().signal;

/** The budget of a connection whose server is known to allow one session. */
async function createLimited() {
  const budget = createChannelBudget({ onLimit: () => undefined });
  const release = await budget.acquire(lost, 'stream');
  await budget.open(() => Promise.resolve());
  const releaseRefused = await budget.acquire(lost, 'command');
  await budget.open((onRefused) => {
    while (!onRefused());
    return Promise.resolve();
  });
  releaseRefused();
  release();
  expect(budget.limit()).toBe(1);
  return budget;
}

test('when a command waits before a log can yield, the log is closed for it as soon as it can', async () => {
  const budget = await createLimited();
  const releaseLog = await budget.acquire(lost, 'stream');
  const command = budget.acquire(lost, 'command');
  const closed: string[] = [];
  budget.addYielding(() => {
    closed.push('log');
    releaseLog();
  });
  (await command)();
  expect(closed).toEqual(['log']);
});

test('when no command waits, a log that can yield stays open', async () => {
  const budget = await createLimited();
  const closed: string[] = [];
  await budget.acquire(lost, 'stream');
  budget.addYielding(() => closed.push('log'));
  await Promise.resolve();
  expect(closed).toEqual([]);
});
