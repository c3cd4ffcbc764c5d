import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSallyport } from '../../../test-support/runSallyport.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-policy-cli-'));
  file = join(folder, 'policy.yaml');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sallyport = (...argv: string[]) =>
  runSallyport(['--data', join(folder, 'data'), ...argv], {
    env: { ...process.env, SALLYPORT_POLICY: file },
  });

async function checkOfDoctor(): Promise<unknown> {
  const { out } = await sallyport('--json', 'doctor');
  const { items }: { items: { name: string }[] } = JSON.parse(out);
  return items.find(({ name }) => name === 'policy');
}

test('when the policy in docs/policy.md is installed, policy show and doctor say what it locks', async () => {
  const doc = await readFile(join(import.meta.dirname, '../../../docs/policy.md'), 'utf8');
  await writeFile(file, /```yaml\n(?<text>[\s\S]*?)```/u.exec(doc)?.groups?.['text'] ?? '');
  const shown = await sallyport('--json', 'policy', 'show');
  expect(shown.code).toBe(0);
  expect(JSON.parse(shown.out)).toMatchObject({
    path: file,
    state: 'valid',
    connectedWindow: 'forbidden',
    locks: [
      { key: 'settings.notifications.quietHours', value: null },
      { key: 'settings.tunnelTests.enabled', value: true },
      { key: 'settings.tunnelTests.everyMinutes', value: 15 },
      { key: 'settings.licenceReminders.administratorDays', value: '60, 30, 7' },
    ],
  });
  const text = (await sallyport('policy', 'show')).out;
  expect(text).toContain('Connected window: forbidden');
  expect(text).toMatch(/settings\.tunnelTests\.everyMinutes +15 minutes/u);
  // The folder of this test can be written by the user who runs it.
  expect(await checkOfDoctor()).toMatchObject({ state: expect.stringMatching(/^(?:ok|warn)$/u) });
});

test('when the policy is faulty, policy show and doctor name line and key, and fail', async () => {
  await writeFile(file, 'connectedWindow: allowed\nsettings:\n  tunnelTests:\n    everyMinutes: soon\n');
  const problem = `${file}, line 4: settings.tunnelTests.everyMinutes must be a number from 1 to 1440`;
  const shown = await sallyport('policy', 'show');
  expect([shown.code, shown.out.includes(problem)]).toEqual([1, true]);
  expect(await checkOfDoctor()).toMatchObject({ state: 'bad', evidence: problem });
  const checked = await sallyport('--json', 'policy', 'check', file);
  expect(checked.code).toBe(2);
  expect(JSON.parse(checked.out)).toMatchObject({ state: 'faulty', problems: [{ line: 4 }] });
});

test('when a file to check is missing or valid, the exit code says so', async () => {
  expect((await sallyport('policy', 'check', join(folder, 'none.yaml'))).code).toBe(3);
  await writeFile(file, 'connectedWindow: allowed\n');
  expect((await sallyport('policy', 'check', file)).code).toBe(0);
});
