import {
  findYamlOffset,
  formatYamlPath,
  lineOf,
  readBoundedYaml,
  type YamlPath,
} from '../../../base/boundedYaml.ts';
import { findEncodingFault } from '../../../base/textEncoding.ts';
import { explainRuleSchema, findRuleFaults, type ExplainRule } from './explainRule.ts';

/** Larger files are refused unread, and more rules are left out **[ours]**. */
export const maxRulesBytes = 512 * 1024;
export const maxUserRules = 300;
const maxProblems = 50;

/** A fault in a file of rules: a sentence, and the line it is in. */
export type RuleProblem = { line: number; message: string };

/**
 * Reads a file of rules, in YAML or JSON: a map with the list `rules`, each as `explainRuleSchema` says. A rule with a fault is
 * left out and reported; the others are used. Never throws.
 */
export function parseExplainRules(text: string): { rules: ExplainRule[]; problems: RuleProblem[] } {
  const fault = findEncodingFault(text);
  if (fault !== null)
    return { rules: [], problems: [{ line: 1, message: `The file is not valid: ${fault.message}.` }] };
  const yaml = readBoundedYaml(text, maxRulesBytes);
  const problems: RuleProblem[] = [];
  const report = (path: YamlPath, message: string, offset = findYamlOffset(yaml.document, path)) => {
    const subject = path.length === 0 ? 'The file' : formatYamlPath(path);
    if (problems.length < maxProblems)
      problems.push({ line: lineOf(text, offset), message: `${subject} ${message}.` });
  };
  for (const { path, message, offset } of yaml.problems) report(path, message, offset);
  if (problems.length > 0) return { rules: [], problems };
  const content: unknown = yaml.document.toJS();
  const list = typeof content === 'object' && content !== null && 'rules' in content ? content.rules : null;
  if (!Array.isArray(list)) {
    report([], 'must be a map with the list “rules”');
    return { rules: [], problems };
  }
  if (list.length > maxUserRules)
    report(['rules'], `has more than ${maxUserRules} rules; the others are not used`);
  const rules = list
    .slice(0, maxUserRules)
    .flatMap((value: unknown, index) => readRule(value, index, report));
  return { rules, problems };
}

function readRule(
  value: unknown,
  index: number,
  report: (path: YamlPath, message: string) => void,
): ExplainRule[] {
  const path = ['rules', index];
  const parsed = explainRuleSchema.safeParse(value);
  if (!parsed.success) {
    for (const { path: inner, message } of parsed.error.issues) {
      const place = inner.flatMap((part) => (typeof part === 'symbol' ? [] : [part]));
      report([...path, ...place], `is not valid: ${message.replace(/\.$/u, '')}`);
    }
    return [];
  }
  const faults = findRuleFaults(parsed.data);
  for (const fault of faults) report(path, `(${parsed.data.id}) has a fault: ${fault.replace(/\.$/u, '')}`);
  return faults.length === 0 ? [parsed.data] : [];
}
