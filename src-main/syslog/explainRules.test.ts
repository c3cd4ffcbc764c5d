import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { maxRulesBytes } from '../../src-shared/model/syslog/explain/parseExplainRules.ts';
import { readExplainRules } from './explainRules.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-rules-'));
  path = join(folder, 'log-rules.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const rule = `rules:
  - id: backup-failed
    programs: [backup]
    match: 'copying (?<path>\\S+) failed'
    title: The backup failed
    meaning: 'The backup could not copy {path}.'
    next: Run backup --again.
    example: 'copying /data/accounts.db failed'
`;

test('without a file, there are no rules and no problems', () => {
  expect(readExplainRules(folder)).toEqual({ path, rules: [], problems: [] });
});

test('rules of the file are used as they are now', () => {
  writeFileSync(path, rule);
  expect(readExplainRules(folder)).toMatchObject({ rules: [{ id: 'backup-failed' }], problems: [] });
  writeFileSync(path, rule.replace('id: backup-failed', 'id: backup-broke'));
  expect(readExplainRules(folder)).toMatchObject({ rules: [{ id: 'backup-broke' }], problems: [] });
});

test('a rule with a fault is left out and named with its line; the others are used', () => {
  const faulty = rule.replace('rules:\n', '').replace('backup-failed', 'faulty').replace('\\S+)', '\\S+');
  writeFileSync(path, `${rule}${faulty}`);
  const { rules, problems } = readExplainRules(folder);
  expect(rules.map(({ id }) => id)).toEqual(['backup-failed']);
  expect(problems).toMatchObject([{ line: 9 }]);
});

test.each([
  ['is a folder', () => mkdirSync(path), 'The file is not a regular file.'],
  [
    'is too large',
    () => writeFileSync(path, 'x'.repeat(maxRulesBytes + 1)),
    'The file is larger than 512 KiB.',
  ],
] as const)('when the file %s, says so', (_what, make, message) => {
  make();
  expect(readExplainRules(folder)).toEqual({ path, rules: [], problems: [{ line: 1, message }] });
});
