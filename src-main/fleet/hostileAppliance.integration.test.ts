import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppError } from '../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import { startAnsweringProcess, type AnsweringProcess } from '../../test-support/answeringProcess.ts';
import { measureThreadMs } from '../../test-support/cpuTime.ts';
import { expectWithin } from '../../test-support/expectWithin.ts';
import { hostileAnswers } from '../../test-support/hostileAnswers.ts';
import { createTestServices, type TestServices } from '../../test-support/testConsole.ts';
import { waitFor } from '../../test-support/waitFor.ts';

/**
 * The guarantee: neither an answer, nor a page that reads all of it, blocks the main thread of an idle computer for longer
 * than this.
 */
const maxMainThreadMs = 250;
/** The guarantee: the other appliance's answers are not older than this on an idle computer. */
const maxAgeMs = 10_000;
/**
 * Other load affects processor time, so a single excess is accepted if the next two measurements are within
 * the limit.
 */
const maxMeasures = 3;

/** Measures `work` once. Measures it two more times if the first result exceeds the limit. */
async function measureExcess(
  work: () => Promise<unknown>,
): Promise<{ measured: number[]; isWithin: boolean }> {
  const measured: number[] = [];
  const excess = () => measured.filter((milliseconds) => milliseconds > maxMainThreadMs).length;
  do measured.push(Math.round(await measureThreadMs(work)));
  while (excess() === 1 && measured.length < maxMeasures);
  return { measured, isWithin: excess() === 0 || (excess() === 1 && measured.length === maxMeasures) };
}

let hostile: AnsweringProcess;
let honest: AnsweringProcess;
let running: TestServices;
let hostileEntry: ApplianceEntry;
let honestEntry: ApplianceEntry;
const watching = new AbortController();

const view = (entry: ApplianceEntry) => running.services.fleet.view(entry.id);
/** The data that a page about the appliance reads, one message each. */
const pageOf = (entry: ApplianceEntry) => [
  JSON.stringify(view(entry)),
  JSON.stringify(running.services.fleet.tenants(entry.id)),
];

const outcomeOf = (failure: AppError | undefined) =>
  failure === undefined ? 'read' : `${failure.code} ${failure.message}`;

beforeAll(async () => {
  [hostile, honest] = await Promise.all([startAnsweringProcess(), startAnsweringProcess()]);
  running = createTestServices();
  const { appliances, fleet } = running.services;
  hostileEntry = await appliances.add(hostile.input('hostile'), hostile.hostKey);
  honestEntry = await appliances.add(honest.input('honest'), honest.hostKey);
  void (async () => {
    for await (const changes of fleet.watch(watching.signal)) JSON.stringify(changes);
  })();
  for (const entry of [hostileEntry, honestEntry])
    await waitFor('the appliance is well', () => view(entry).health.tone === 'ok');
});
afterAll(async () => {
  watching.abort();
  await running.close();
  await Promise.all([hostile.stop(), honest.stop()]);
});

describe('a console beside a hostile appliance', () => {
  test.each(Object.entries(hostileAnswers))(
    'when the list is %s, uses little of its main thread and the other appliance stays OK',
    async (name, { reason }) => {
      await hostile.print(name);
      let outcome = '';
      const answer = await measureExcess(async () => {
        const failures = await running.services.fleet.refresh([hostileEntry.id]);
        outcome = outcomeOf(failures.get(hostileEntry.id));
        view(hostileEntry);
      });
      const page = await measureExcess(() => Promise.resolve(pageOf(hostileEntry)));
      expect({ answer, page }).toMatchObject({ answer: { isWithin: true }, page: { isWithin: true } });
      expect(outcome).toContain(reason === 'it is empty' ? 'printed nothing' : (reason ?? 'read'));
      expect(view(honestEntry).health.tone).toBe('ok');
      const observedAt = () => Date.parse(view(honestEntry).observedAt ?? '');
      const readAt = Date.now();
      await expectWithin(maxAgeMs, () => waitFor('the other appliance answers', () => observedAt() > readAt));
    },
  );

  test('when all of them were sent, still polls the other appliance', async () => {
    const before = view(honestEntry).observedAt ?? '';
    await waitFor('the other appliance answers again', () => (view(honestEntry).observedAt ?? '') > before);
    expect(view(honestEntry).health.tone).toBe('ok');
  });
});
