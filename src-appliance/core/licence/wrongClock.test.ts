import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../src-shared/base/time.ts';
import { licenceShowOutputSchema, type LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import { startLicenceKit, type LicenceKit } from '../../../test-support/licenceKit.ts';
import { clockPath } from './moment.ts';

const tenYears = 3653 * dayMs;
const right = Date.now();
let kit: LicenceKit;
let now = right;

beforeEach(async () => {
  now = right;
  kit = await startLicenceKit({ now: () => now });
});
afterEach(() => kit.stop());

const show = async () => (await kit.run(['show'], licenceShowOutputSchema)).output;
const at = (time: number) => new Date(time).toISOString();
/** A licence that the authority signs at the right time, whatever the appliance's clock shows. */
const terms = (days: number): Partial<LicencePayload> => ({
  issuedAt: at(right),
  notBefore: at(right - dayMs),
  expiresAt: at(right + days * dayMs),
  graceDays: 0,
});
const readMark = async (): Promise<{ highWater: string }> =>
  JSON.parse(await readFile(clockPath(kit.config.stateFolder), 'utf8'));

/** As after a restart: the uptime tells nothing about the time before. */
async function restart() {
  const path = clockPath(kit.config.stateFolder);
  await writeFile(path, JSON.stringify({ ...(await readMark()), setAt: undefined }));
}

/** A restart with a clock that is ten years ahead, which is corrected later. */
async function poison() {
  await restart();
  now = right + tenYears;
  await show();
  now = right;
}

describe('a clock that is ten years ahead', () => {
  test('within one run of the machine, is reported and has no effect afterwards', async () => {
    await kit.renew(terms(60));
    now = right + tenYears;
    const ahead = await show();
    expect(ahead).toMatchObject({ state: 'expired', clock: { behind: null } });
    expect(Date.parse(ahead.clock?.aheadOf ?? '') - right).toBeLessThan(minuteMs);
    expect((await kit.ke(['ke_manage_license_key', 'show'])).stdout).toContain('Clock    A-2006');
    now = right;
    expect(await show()).toMatchObject({ state: 'valid', clockRanBackFrom: null, clock: { aheadOf: null } });
  });

  test('when it raised the mark after a restart, the licence stays expired, and the way out is shown', async () => {
    await kit.renew(terms(60));
    await poison();
    expect(await show()).toMatchObject({ state: 'expired', clockRanBackFrom: at(right + tenYears) });
    const { stdout } = await kit.ke(['ke_manage_license_key', 'show']);
    expect(stdout).toContain('Clock    A-2003 its clock was set back from');
    expect(stdout).toContain('the licence authority’s answer corrects it');
  });

  test('when the authority answers, its time replaces the wrong mark', async () => {
    await kit.renew(terms(60));
    await poison();
    const { exitCode, output } = await kit.importText(await kit.answer({ ...terms(365), sequence: 2 }));
    expect(exitCode).toBe(0);
    expect(output.forecast.find(({ item }) => item === 'clock')?.detail).toContain(
      'this answer corrects it to the licence authority’s time',
    );
    expect(await show()).toMatchObject({ state: 'valid', clockRanBackFrom: null, sequence: 2 });
    expect(Date.parse((await readMark()).highWater) - right).toBeLessThan(minuteMs);
  });

  test('when the answer is only checked, the mark stays', async () => {
    await kit.renew(terms(60));
    await poison();
    const answer = await kit.answer({ ...terms(365), sequence: 2 });
    expect(await kit.importText(answer, '--dry-run')).toMatchObject({ output: { outcome: 'acceptable' } });
    expect(await readMark()).toMatchObject({ highWater: at(right + tenYears) });
  });

  test.each([
    ['answers another request', (): Partial<LicencePayload> => ({ request: null })],
    ['has an old sequence', (): Partial<LicencePayload> => ({ sequence: 1 })],
    [
      'has expired by the authority’s time',
      (): Partial<LicencePayload> => ({ expiresAt: at(right - hourMs) }),
    ],
  ])('when the answer %s, the mark stays and nothing is installed', async (_name, changes) => {
    await kit.renew(terms(60));
    await poison();
    const answer = await kit.answer({ ...terms(365), sequence: 2, ...changes() });
    expect(await kit.importText(answer)).toMatchObject({ exitCode: 7, output: { outcome: 'refused' } });
    expect(await readMark()).toMatchObject({ highWater: at(right + tenYears) });
  });

  test('while it is still ahead, an answer changes nothing, and the forecast says why', async () => {
    await kit.renew(terms(60));
    await restart();
    now = right + tenYears;
    const { output } = await kit.importText(await kit.answer({ ...terms(365), sequence: 2 }));
    expect(output.outcome).toBe('refused');
    expect(output.forecast.find(({ item }) => item === 'clock')?.detail).toBe(
      'the clock is 10 years ahead of the licence authority’s; correct it',
    );
  });

  test('when the machine was restarted after the request, the mark stays', async () => {
    await kit.renew(terms(60));
    await poison();
    const answer = await kit.answer({ ...terms(365), sequence: 2 });
    const path = `${kit.config.stateFolder}/licence-record.json`;
    const record = await readFile(path, 'utf8');
    await writeFile(path, record.replaceAll(/"bootId":"[^"]+"/gu, '"bootId":"before"'));
    expect(await kit.importText(answer)).toMatchObject({ output: { outcome: 'refused' } });
    expect(await readMark()).toMatchObject({ highWater: at(right + tenYears) });
  });
});

test('when the clock is set back a year, an expired licence does not become valid again', async () => {
  await kit.renew({ ...terms(1), notBefore: at(right - 400 * dayMs) });
  await restart();
  now = right + 30 * dayMs;
  expect(await show()).toMatchObject({ state: 'expired' });
  now -= 365 * dayMs;
  expect(await show()).toMatchObject({ state: 'expired', clockRanBackFrom: at(right + 30 * dayMs) });
  const { stdout } = await kit.ke(['ke_manage_license_key', 'show']);
  expect(stdout).toContain('A-2003');
  expect(stdout).toContain('expired');
});

test('when a renewal lowers the mark, a licence that has expired by then stays expired', async () => {
  await kit.renew(terms(0.01));
  await poison();
  await kit.renew({ ...terms(365), sequence: 2 });
  now = right + dayMs;
  await restart();
  expect(await show()).toMatchObject({ state: 'valid', sequence: 2 });
  const back = await kit.ke(['ke_manage_license_key', 'rollback', '--to', '1']);
  expect(back).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('not valid now') });
});
