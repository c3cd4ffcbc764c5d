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
 * `registered`: what to say instead if the group `key` is the fingerprint of a key that a tenant has now; its texts may also
 * name `{tenant}`.
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
  registered: z.strictObject({ meaning: text(600), next: text(600) }).optional(),
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

/** A key that a tenant has now. */
export type RegisteredKey = { clientId: string; fingerprint: string };

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

/** More programs than this are not told apart in a search **[ours]**. */
const maxEventPrograms = 32;

/** The programs, as names or wildcard patterns, whose lines can say what happens to a tenant; null if any line can. */
export function listEventPrograms(rules: readonly ExplainRule[]): string[] | null {
  const programs = new Set(rules.flatMap((rule) => (rule.event === undefined ? [] : rule.programs)));
  // Lines of Connect's own log have no program.
  const isAny =
    programs.size > maxEventPrograms || [...programs].some((pattern) => matchesWildcard('connect', pattern));
  return isAny ? null : [...programs];
}

/** The placeholders of the texts that are not known. */
function findUnknown(texts: Pick<ExplainRule, 'meaning' | 'next'>, known: ReadonlySet<string>): string[] {
  return [...`${texts.meaning} ${texts.next}`.matchAll(placeholder)]
    .map(([, name = '']) => name)
    .filter((name) => !known.has(name));
}

/** What is wrong with a rule beyond its form, as sentences without a full stop; empty if it can be used. */
export function findRuleFaults(rule: ExplainRule): string[] {
  const fault = findRegexpFault({ source: rule.match, flags: '' });
  if (fault !== null) return [`match: ${fault}`];
  const names = new Set(Array.from(rule.match.matchAll(/\(\?P?<([A-Za-z]\w*)>/gu), ([, name = '']) => name));
  const { registered } = rule;
  const unknown = [
    ...findUnknown(rule, names),
    ...(registered === undefined ? [] : findUnknown(registered, new Set([...names, 'tenant']))),
  ];
  return [
    ...unknown.map((name) => `{${name}} is no group of match`),
    ...(registered !== undefined && !names.has('key') ? ['registered needs the group key in match'] : []),
    ...(compileRule(rule)(rule.example) === null ? ['match does not fit example'] : []),
  ];
}

type Explain<Subject> = (subject: Subject, keys?: readonly RegisteredKey[]) => Explanation | null;

function compileRule(rule: ExplainRule): Explain<string> {
  let compiled: RE2JS | null = null;
  return (message, keys = []) => {
    compiled ??= RE2JS.compile(RE2JS.translateRegExp(rule.match));
    const matcher = compiled.matcher(message);
    if (!matcher.find()) return null;
    const names = new Set(Object.keys(compiled.namedGroups()));
    const key = names.has('key') ? matcher.group('key') : null;
    const owner = keys.find(({ fingerprint }) => fingerprint === key);
    const fill = (template: string) =>
      template.replaceAll(placeholder, (_, name: string) => {
        const value = names.has(name) ? matcher.group(name) : name === 'tenant' ? owner?.clientId : null;
        return value === undefined || value === null || value === ''
          ? '…'
          : shorten(visibleLine(value), maxQuoted);
      });
    const { id, title, code = null, event = null } = rule;
    const { meaning, next } = owner === undefined ? rule : (rule.registered ?? rule);
    return { id, title, meaning: fill(meaning), next: fill(next), code, event };
  };
}

/**
 * Explains lines by the first rule that fits. Rules of users come first, so that they can replace ours. `keys`: those that
 * tenants have now, as far as they are known.
 */
export function createExplainer(rules: readonly ExplainRule[]): Explain<ExplainableLine> {
  const compiled = rules.map((rule) => ({ programs: rule.programs, explain: compileRule(rule) }));
  return (line, keys) => {
    const { program, message } = readSubject(line);
    const start = message.slice(0, maxExplained);
    for (const { programs, explain } of compiled) {
      if (!programs.some((pattern) => matchesWildcard(program, pattern))) continue;
      const explanation = explain(start, keys);
      if (explanation !== null) return explanation;
    }
    return null;
  };
}
