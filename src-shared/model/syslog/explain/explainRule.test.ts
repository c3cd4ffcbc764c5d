import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tunnelCodeSchema } from '../../tunnels/tunnelCodes.ts';
import { parseSyslogLine } from '../syslogParse.ts';
import { builtInRules } from './builtInRules.ts';
import { createExplainer, explainRuleSchema, findRuleFaults, type ExplainRule } from './explainRule.ts';
import { maxRulesBytes, maxUserRules, parseExplainRules } from './parseExplainRules.ts';

const receivedAt = Date.parse('2026-11-20T04:00:00Z');
const explain = createExplainer(builtInRules);

/** The example of a rule as a line of a file. */
function lineOf({ programs, example }: ExplainRule) {
  const program = (programs[0] ?? '').replace('*', 'x');
  const text =
    program === 'connect'
      ? `2026-11-20T03:09:55.000Z warn  ${example}`
      : `2026-11-20T03:09:55.371+00:00 kiln-01 ${program}[812]: ${example}`;
  return parseSyslogLine(text, { receivedAt });
}

describe('the rules of the console', () => {
  test('are many, valid and named once', () => {
    expect(builtInRules.length).toBeGreaterThanOrEqual(70);
    expect(new Set(builtInRules.map(({ id }) => id)).size).toBe(builtInRules.length);
    for (const rule of builtInRules) {
      expect(explainRuleSchema.parse(rule)).toEqual(rule);
      expect(findRuleFaults(rule)).toEqual([]);
      expect(tunnelCodeSchema.optional().safeParse(rule.code).success).toBe(true);
    }
  });

  test.each(builtInRules.map((rule) => [rule.id, rule] as const))(
    '%s explains its line, and no earlier rule takes it',
    (id, rule) => {
      const explanation = explain(lineOf(rule));
      expect(explanation?.id).toBe(id);
      expect(`${explanation?.meaning} ${explanation?.next}`).not.toMatch(/[{}]|…/u);
    },
  );
});

test.each([
  [
    'sshd[8812]: error: bind [127.0.0.1]:2204: Address already in use',
    'sshd-port-in-use',
    /listens on port 2204/u,
  ],
  ['sshd-session[8812]: Invalid user  from 203.0.113.9 port 5000', 'sshd-invalid-user', /log in as …/u],
  [
    'sshd[1]: Failed password for invalid user a b from 1.2.3.4 port 5 ssh2',
    'sshd-failed-password',
    /as a b with/u,
  ],
  [
    'sshd[1]: Connection reset by 2001:db8::a port 40000 [preauth]',
    'sshd-closed-before-login',
    /2001:db8::a/u,
  ],
  [
    'sshd[1]: banner exchange: Connection from 203.0.113.9 port 5000: invalid format',
    'sshd-not-ssh',
    /SSH port/u,
  ],
  ['sshd[1]: Received disconnect from 10.4.0.7 port 5:11:  [preauth]', 'sshd-received-disconnect', /…/u],
  ['systemd-journald[9]: Suppressed 212 messages from ssh.service', 'rsyslog-rate-limit', /dropped/u],
  ['ke_license[9]: write failed: ENOSPC', 'system-disk-full', /full/u],
  ['sshd[1]: Invalid user \u001b[2J from 1.2.3.4 port 5', 'sshd-invalid-user', /␛\[2J/u],
])('when the line is %s, %s explains it', (text, id, meaning) => {
  const explanation = explain(parseSyslogLine(`2026-11-20T03:09:55Z kiln ${text}`, { receivedAt }));
  expect(explanation?.id).toBe(id);
  expect(explanation?.meaning).toMatch(meaning);
});

test.each(['sshd[1]: hello', 'nginx: Invalid user x from 1.2.3.4 port 5', 'no time'])(
  'when nothing is known about the line %s, there is no explanation',
  (text) => {
    expect(explain(parseSyslogLine(`2026-11-20T03:09:55Z kiln ${text}`, { receivedAt }))).toBeNull();
  },
);

const own = {
  id: 'own-rule',
  programs: ['backup', 'rsync*'],
  match: 'copied (?<count>\\d+) files',
  title: 'Backup done',
  meaning: 'The backup copied {count} files.',
  next: 'Nothing to do.',
  example: 'copied 12 files',
};

describe('when users add rules', () => {
  test('they are read from JSON and YAML, and come first', () => {
    const { rules, problems } = parseExplainRules(JSON.stringify({ rules: [own] }));
    expect({ rules, problems }).toEqual({ rules: [own], problems: [] });
    const line = { program: 'rsyncd', message: 'copied 7 files', head: '', host: null };
    expect(createExplainer([...rules, ...builtInRules])(line)?.meaning).toBe('The backup copied 7 files.');
    const guide = readFileSync(new URL('../../../../docs/log-rules.md', import.meta.url), 'utf8');
    const yaml = /```yaml\n(.*?)```/su.exec(guide)?.[1] ?? '';
    expect(parseExplainRules(yaml)).toMatchObject({ rules: [{ id: 'backup-failed' }], problems: [] });
  });

  test.each([
    [
      { ...own, match: '(' },
      2,
      'rules[0] (own-rule) has a fault: match: The regular expression is not valid: missing closing ): “(”.',
    ],
    [{ ...own, match: '(?=a)b' }, 2, /ahead or behind/u],
    [{ ...own, example: 'other' }, 2, 'rules[0] (own-rule) has a fault: match does not fit example.'],
    [{ ...own, meaning: '{size} files' }, 2, 'rules[0] (own-rule) has a fault: {size} is no group of match.'],
    [
      { ...own, registered: { meaning: '{tenant}', next: 'none' } },
      2,
      'rules[0] (own-rule) has a fault: registered needs the group key in match.',
    ],
    [{ ...own, id: 'Own' }, 2, /rules\[0\]\.id is not valid: must have lower-case/u],
    [{ ...own, colour: 'red' }, 2, /colour/u],
    [{ ...own, next: '' }, 2, /rules\[0\]\.next is not valid/u],
    ['text', 2, /rules\[0\] is not valid/u],
  ])('a rule with a fault is reported with its line, and the others are used: %j', (bad, line, message) => {
    const text = `rules:\n  - ${JSON.stringify(bad)}\n  - ${JSON.stringify({ ...own, id: 'second' })}\n`;
    const { rules, problems } = parseExplainRules(text);
    expect(rules.map(({ id }) => id)).toEqual(['second']);
    expect(problems[0]?.line).toBe(line);
    expect(problems[0]?.message).toMatch(message);
  });

  test.each([
    ['', 'The file must be a map with the list “rules”.'],
    ['[]', 'The file must be a map with the list “rules”.'],
    ['rules: [', 'The file is not valid YAML'],
    ['a'.repeat(maxRulesBytes + 1), 'is larger than'],
    ['a: &a 1\nrules: *a', 'alias'],
    ['\0', 'NUL'],
  ])('a file that is no list of rules is reported: %s', (text, message) => {
    const { rules, problems } = parseExplainRules(text);
    expect(rules).toEqual([]);
    expect(problems.map((problem) => problem.message).join(' ')).toContain(message);
  });

  test('too many rules are left out and reported', () => {
    const many = Array.from({ length: maxUserRules + 1 }, (_, index) => ({ ...own, id: `r${index}` }));
    const { rules, problems } = parseExplainRules(JSON.stringify({ rules: many }));
    expect(rules).toHaveLength(maxUserRules);
    expect(problems).toHaveLength(1);
  });
});

test('when lines are random, explaining never throws and takes bounded time', () => {
  const message = fc.oneof(
    fc.constantFrom(...builtInRules.map(({ example }) => example)),
    fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  );
  fc.assert(
    fc.property(
      message,
      message,
      fc.constantFrom('sshd', 'kernel', 'connect', null),
      (one, other, program) => {
        const explanation = explain({ program, message: one + other, head: '', host: null });
        expect(explanation === null || explanation.title.length > 0).toBe(true);
      },
    ),
  );
  const before = process.cpuUsage().user;
  for (const part of ['(', 'Failed ', 'user ', 'port 1 ', 'fork', '['])
    explain({ program: 'sshd', message: part.repeat(65_536), head: '', host: null });
  expect(process.cpuUsage().user - before).toBeLessThan(3_000_000);
});
