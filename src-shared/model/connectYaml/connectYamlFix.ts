import { applyEdits, type ConnectYamlFinding, type ConnectYamlFix } from './connectYamlFinding.ts';
import { lintConnectYaml, type ConnectYamlLint } from './connectYamlLint.ts';
import type { ConnectYamlContext } from './connectYamlValues.ts';

/** Applies `fix`, by default the finding's first fix. Returns the text unchanged if there is no fix. */
export function applyFix(
  text: string,
  finding: ConnectYamlFinding,
  fix: ConnectYamlFix | null = finding.fix,
): string {
  return fix === null ? text : applyEdits(text, fix.edits);
}

const maxRounds = 40;

function errorsOf(lint: ConnectYamlLint): number {
  return lint.findings.filter(({ severity }) => severity === 'error').length;
}

function startOf(fix: ConnectYamlFix): number {
  return fix.edits[0]?.from ?? 0;
}

/** Selects safe fixes that don't overlap. The others are applied in a later round. */
function selectCompatibleFixes(findings: readonly ConnectYamlFinding[]): ConnectYamlFix[] {
  const chosen: ConnectYamlFix[] = [];
  let end = -1;
  const fixes = findings.flatMap(({ fix }) => (fix !== null && fix.isSafe ? [fix] : []));
  for (const fix of fixes.sort((left, right) => startOf(left) - startOf(right))) {
    const last = fix.edits.at(-1);
    if (last === undefined || startOf(fix) < end) continue;
    chosen.push(fix);
    end = last.to;
  }
  return chosen;
}

/**
 * Applies all safe fixes repeatedly, because a fix may reveal further findings. Stops when a round changes nothing, and
 * after 40 rounds.
 */
export function applyAllFixes(
  text: string,
  context: ConnectYamlContext = {},
): { text: string; fixed: number; lint: ConnectYamlLint } {
  let current = text;
  let fixed = 0;
  let lint = lintConnectYaml(current, context);
  for (let round = 0; round < maxRounds; round += 1) {
    const fixes = selectCompatibleFixes(lint.findings);
    const [first] = fixes;
    if (first === undefined) break;
    let made = fixes.length;
    let next = applyEdits(
      current,
      fixes.flatMap(({ edits }) => edits),
    );
    let after = lintConnectYaml(next, context);
    if (fixes.length > 1 && errorsOf(after) > errorsOf(lint)) {
      made = 1;
      next = applyEdits(current, first.edits);
      after = lintConnectYaml(next, context);
    }
    if (next === current) break;
    current = next;
    lint = after;
    fixed += made;
  }
  return { text: current, fixed, lint };
}
