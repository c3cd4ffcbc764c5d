import { expect, test } from 'vitest';
import { AppError } from '../../src-shared/errors.ts';
import { maxDocumentBytes } from '../../src-shared/model/licence/documents.ts';
import type { RunResult, Session } from '../ssh/types.ts';
import { aLicence } from '../../test-support/aLicence.ts';
import { createLicenceDriver } from './licenceCommands.ts';

type Request = Parameters<Session['run']>[0];

function driverOf(result: Partial<RunResult>) {
  const requests: Request[] = [];
  const run: Session['run'] = async (request) => {
    requests.push(request);
    return { exitCode: 0, signal: null, stdout: '', stderr: '', ...result };
  };
  return { requests, driver: createLicenceDriver({ run, privileged: true }) };
}

const refused = {
  contract: 1,
  outcome: 'refused',
  checks: [{ check: 'sequence', outcome: 'failed', detail: 'sequence 1, installed up to 2', instant: null }],
  forecast: [],
  current: aLicence(),
  receipt: null,
};

test.each([
  { isDryRun: true, argv: ['ke_manage_license_key', 'import', '-', '--dry-run', '--json'] },
  { isDryRun: false, argv: ['ke_manage_license_key', 'import', '-', '--json'] },
])('when an answer is sent (dry run: $isDryRun), it travels on stdin', async ({ isDryRun, argv }) => {
  const { requests, driver } = driverOf({ stdout: JSON.stringify(refused) });
  await driver.import({ document: 'eyJ.secret.text', isDryRun });
  expect(requests).toMatchObject([{ argv, stdin: 'eyJ.secret.text\n', privileged: true }]);
});

test('when the appliance refuses the answer with exit code 7, resolves with its checks', async () => {
  const { driver } = driverOf({
    exitCode: 7,
    stdout: JSON.stringify(refused),
    stderr: 'ke_manage_license_key: VERIFICATION_FAILED: nothing was changed',
  });
  expect(await driver.import({ document: 'x', isDryRun: false })).toEqual(refused);
});

test.each([
  {
    case: 'exit code 7 without JSON',
    result: { exitCode: 7, stderr: 'ke_manage_license_key: VERIFICATION_FAILED: no' },
    code: 'VERIFICATION_FAILED',
  },
  { case: 'exit code 5', result: { exitCode: 5, stdout: JSON.stringify(refused) }, code: 'BUSY' },
  { case: 'exit code 1', result: { exitCode: 1, stderr: 'no space left' }, code: 'COMMAND_FAILED' },
  { case: 'a signal', result: { exitCode: null, signal: 'KILL' }, code: 'COMMAND_FAILED' },
  {
    case: 'a kit without import',
    result: { exitCode: 2, stderr: 'usage: ke_manage_license_key show' },
    code: 'COMMAND_MISSING',
  },
  { case: 'no such command', result: { exitCode: 127 }, code: 'COMMAND_MISSING' },
  { case: 'garbage', result: { stdout: 'ok' }, code: 'OUTPUT_UNPARSED' },
  {
    case: 'an unknown outcome',
    result: { stdout: JSON.stringify({ ...refused, outcome: 'maybe' }) },
    code: 'OUTPUT_UNPARSED',
  },
])('when an import ends with $case, rejects with $code', async ({ result, code }) => {
  const { requests, driver } = driverOf(result);
  await expect(driver.import({ document: 'x', isDryRun: false })).rejects.toMatchObject({ code });
  expect(requests).toHaveLength(1);
});

test('when an answer is too long, rejects with INVALID_INPUT and sends nothing', async () => {
  const { requests, driver } = driverOf({});
  const document = 'x'.repeat(maxDocumentBytes + 1);
  await expect(driver.import({ document, isDryRun: true })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(requests).toEqual([]);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 60])(
  'when the sequence is %d, rejects a rollback',
  async (sequence) => {
    const { requests, driver } = driverOf({});
    await expect(driver.rollBack(sequence)).rejects.toBeInstanceOf(AppError);
    expect(requests).toEqual([]);
  },
);

test('when a rollback is refused because that version is installed, keeps the appliance’s reason', async () => {
  const { driver } = driverOf({
    exitCode: 2,
    stderr: 'ke_manage_license_key: INVALID_INPUT: sequence 2 is installed already',
  });
  await expect(driver.rollBack(2)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: 'ke_manage_license_key rollback: sequence 2 is installed already',
  });
});
