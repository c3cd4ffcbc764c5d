import { z } from 'zod';
import { RE2JS } from 're2js';
import { shorten, visibleLine } from '../../../base/machineText.ts';
import { matchesWildcard } from '../../../base/wildcard.ts';
import type { ParsedLine } from '../syslogParse.ts';
import { findRegexpFault } from '../query/linearRegexp.ts';
import { maxRegexpLength } from '../query/logQuery.ts';

const text = (max: number) => z.string().trim().min(1).max(max);

/** What happens to a tenant: a login, its end, a login or forward that was refused, a forward that opens or closes. */
export const tenantEvents = ['connected', 'ended', 'refused', 'opened', 'closed'] as const;
export type TenantEvent = (typeof tenantEvents)[number];

/**
 * Explains lines of the log. `match` is a regular expression (RE2, case matters) for the message; `{name}` in `meaning` and
 * `next` is its group `(?<name>…)`. `programs`: names or wildcard patterns; `connect` is Connect's own log. `code`: the
 * tunnel code that the line points to. `event`: what the line means for a tenant's session. `example`: a message that the rule must match.
 */
export const explainRuleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/u, 'must have lower-case letters, digits and hyphens only'),
  programs: z.array(text(128)).min(1).max(16),
  match: text(maxRegexpLength),
  title: text(120),
  meaning: text(600),
  next: text(600),
  code: z
    .string()
    .regex(/^T-\d{4}$/u, 'must be a tunnel code such as T-4002')
    .optional(),
  event: z.enum(tenantEvents).optional(),
  example: text(2000),
});
export type ExplainRule = z.infer<typeof explainRuleSchema>;

export type Explanation = {
  id: string;
  title: string;
  meaning: string;
  next: string;
  code: string | null;
  event: TenantEvent | null;
};

type ExplainableLine = Pick<ParsedLine, 'program' | 'message' | 'head' | 'host'>;

const maxExplained = 4096;
const maxQuoted = 160;
const placeholder = /\{([A-Za-z]\w*)\}/gu;

const connectLevels: ReadonlySet<string | null> = new Set(['info', 'warn', 'error']);

/** Program and message of a line. Connect's own log has a level in place of the host, and no program. */
export function readSubject(line: ExplainableLine): { program: string; message: string } {
  const { program, message, head, host } = line;
  if (!connectLevels.has(host) || !/^\d{4}-\d\d-\d\dT\S+Z (?:info |warn |error) /u.test(head + message))
    return { program: program ?? '', message };
  const level = /^\S+Z (?:info |warn |error) /u.exec(head + message)?.[0] ?? '';
  return { program: 'connect', message: (head + message).slice(level.length) };
}

/** What is wrong with a rule beyond its form, as sentences without a full stop; empty if it can be used. */
export function findRuleFaults(rule: ExplainRule): string[] {
  const fault = findRegexpFault({ source: rule.match, flags: '' });
  if (fault !== null) return [`match: ${fault}`];
  const names = new Set(Array.from(rule.match.matchAll(/\(\?P?<([A-Za-z]\w*)>/gu), ([, name = '']) => name));
  const unknown = [...`${rule.meaning} ${rule.next}`.matchAll(placeholder)]
    .map(([, name = '']) => name)
    .filter((name) => !names.has(name));
  return [
    ...unknown.map((name) => `{${name}} is no group of match`),
    ...(compileRule(rule)(rule.example) === null ? ['match does not fit example'] : []),
  ];
}

function compileRule(rule: ExplainRule): (message: string) => Explanation | null {
  let compiled: RE2JS | null = null;
  return (message) => {
    compiled ??= RE2JS.compile(RE2JS.translateRegExp(rule.match));
    const matcher = compiled.matcher(message);
    if (!matcher.find()) return null;
    const names = new Set(Object.keys(compiled.namedGroups()));
    const fill = (template: string) =>
      template.replaceAll(placeholder, (_, name: string) => {
        const value = names.has(name) ? matcher.group(name) : null;
        return value === null || value === '' ? '…' : shorten(visibleLine(value), maxQuoted);
      });
    const { id, title, meaning, next, code = null, event = null } = rule;
    return { id, title, meaning: fill(meaning), next: fill(next), code, event };
  };
}

/** Explains lines by the first rule that fits. Rules of users come first, so that they can replace ours. */
export function createExplainer(
  rules: readonly ExplainRule[],
): (line: ExplainableLine) => Explanation | null {
  const compiled = rules.map((rule) => ({ programs: rule.programs, explain: compileRule(rule) }));
  return (line) => {
    const { program, message } = readSubject(line);
    const start = message.slice(0, maxExplained);
    for (const { programs, explain } of compiled) {
      if (!programs.some((pattern) => matchesWildcard(program, pattern))) continue;
      const explanation = explain(start);
      if (explanation !== null) return explanation;
    }
    return null;
  };
}
