import { stripVTControlCharacters } from 'node:util';
import { relative } from 'node:path';
import { z } from 'zod';

/** What a run of tests came to. `failures`: each test that failed, with its file and the begin of its message. */
export type TestCounts = { passed: number; failed: number; skipped: number; failures: string[] };

const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  numFailedTestSuites: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

const playwrightSpec = z.object({
  title: z.string(),
  file: z.string(),
  tests: z.array(
    z.object({
      status: z.string(),
      results: z.array(
        z.object({ errors: z.array(z.object({ message: z.string().default('') })).default([]) }),
      ),
    }),
  ),
});
const playwrightSuite = z.object({
  specs: z.array(playwrightSpec).default([]),
  get suites() {
    return z.array(playwrightSuite).default([]);
  },
});
const playwrightReport = z.object({
  stats: z.object({ expected: z.int(), unexpected: z.int(), flaky: z.int(), skipped: z.int() }),
  suites: z.array(playwrightSuite),
});

const shownLines = 12;
const shownCharacters = 200;

function describeFailure(file: string, title: string, message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*at .*(?:node_modules|node:internal)/u.test(line));
  const shown = lines.slice(0, shownLines).map((line) => `    ${line.slice(0, shownCharacters)}`);
  return [`${relative('.', file)}: ${title}`, ...shown].join('\n');
}

/** Reads the JSON report of Vitest. A file that couldn't be loaded counts as a failed test. */
export function readVitest(json: unknown): TestCounts {
  const report = vitestReport.parse(json);
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((result) => result.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [describeFailure(name, 'the whole file', message)];
    return failed.map((test) =>
      describeFailure(name, test.fullName, (test.failureMessages ?? []).join('\n')),
    );
  });
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, report.numFailedTestSuites > 0 ? 1 : 0),
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

function specsOf(suite: z.infer<typeof playwrightSuite>): z.infer<typeof playwrightSpec>[] {
  return [...suite.specs, ...suite.suites.flatMap(specsOf)];
}

/** Reads the JSON report of Playwright. A test that passed only after a retry counts as failed. */
export function readPlaywright(json: unknown): TestCounts {
  const { stats, suites } = playwrightReport.parse(json);
  const failures = suites.flatMap(specsOf).flatMap(({ title, file, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ results }) => {
        const messages = results.flatMap(({ errors }) => errors.map(({ message }) => message));
        return describeFailure(`e2e/${file}`, title, messages.join('\n'));
      }),
  );
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped, failures };
}
