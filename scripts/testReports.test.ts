import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readPlaywright, readVitest } from './testReports.ts';

const vitest = {
  numPassedTests: 2,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 0,
  numFailedTestSuites: 1,
  testResults: [
    {
      name: resolve('src-main/fleet/poll.test.ts'),
      status: 'failed',
      message: '',
      assertionResults: [
        { fullName: 'the poll reads', status: 'passed', failureMessages: [] },
        {
          fullName: 'the poll waits',
          status: 'failed',
          failureMessages: [
            '\u001b[31mError: 1 is not 2\u001b[39m\n\n    at poll.test.ts:3:4\n    at file:///x/node_modules/vitest/run.js:1:1',
          ],
        },
      ],
    },
  ],
};

const result = (...messages: string[]) => ({ errors: messages.map((message) => ({ message })) });
const playwright = {
  stats: { expected: 1, unexpected: 1, flaky: 1, skipped: 0 },
  suites: [
    {
      specs: [
        { title: 'opens', file: 'fleet.e2e.ts', tests: [{ status: 'expected', results: [result()] }] },
        {
          title: 'closes',
          file: 'fleet.e2e.ts',
          tests: [{ status: 'unexpected', results: [result('no button')] }],
        },
      ],
      suites: [
        {
          specs: [
            {
              title: 'passes only when repeated',
              file: 'trip.e2e.ts',
              tests: [{ status: 'flaky', results: [result('too late'), result()] }],
            },
          ],
        },
      ],
    },
  ],
};

test('lists each failed test with its file and message, without colours and without frames of libraries', () => {
  expect(readVitest(vitest)).toEqual({
    passed: 2,
    failed: 1,
    skipped: 1,
    failures: [
      'src-main/fleet/poll.test.ts: the poll waits\n    Error: 1 is not 2\n        at poll.test.ts:3:4',
    ],
  });
});

test('a file that could not be loaded counts as failed and is listed', () => {
  const [file] = vitest.testResults;
  const broken = { ...file, message: 'SyntaxError: Unexpected token', assertionResults: [] };
  expect(readVitest({ ...vitest, numFailedTests: 0, testResults: [broken] })).toMatchObject({
    failed: 1,
    failures: ['src-main/fleet/poll.test.ts: the whole file\n    SyntaxError: Unexpected token'],
  });
});

test('a test of a nested suite that passed only after a retry counts as failed and is listed', () => {
  expect(readPlaywright(playwright)).toEqual({
    passed: 1,
    failed: 2,
    skipped: 0,
    failures: [
      'e2e/fleet.e2e.ts: closes\n    no button',
      'e2e/trip.e2e.ts: passes only when repeated\n    too late',
    ],
  });
});

test('a long message is cut', () => {
  const [file] = vitest.testResults;
  const failureMessages = [Array.from({ length: 500 }, (_, at) => `${at} ${'x'.repeat(5_000)}`).join('\n')];
  const long = { ...file, assertionResults: [{ fullName: 'long', status: 'failed', failureMessages }] };
  const [failure = ''] = readVitest({ ...vitest, testResults: [long] }).failures;
  expect(failure.length).toBeLessThan(3_000);
});
