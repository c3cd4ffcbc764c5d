import { AppError } from '../../../../src-shared/errors.ts';
import {
  redactionKinds,
  type RedactionKind,
} from '../../../../src-shared/model/syslog/redact/redactionRules.ts';
import {
  createRedactor,
  type RedactionOptions,
  type RedactionReport,
} from '../../../../src-shared/model/syslog/redact/redactor.ts';
import type { Redactor } from '../../../syslog/export/readLines.ts';
import { formatTable } from '../output.ts';
import type { RedactionRequest } from '../redactionOptions.ts';

const isKind = (name: string): name is RedactionKind => Object.hasOwn(redactionKinds, name);
const allKinds = Object.keys(redactionKinds).filter(isKind);

/** The redactor that the options name; null if they hide nothing. Throws INVALID_INPUT. */
export function createChosenRedactor(
  { redact, redactPattern, redactUser }: RedactionRequest,
  names: RedactionOptions['names'],
  numbers?: RedactionOptions['numbers'],
): Redactor | null {
  const chosen = redact.includes('all') ? allKinds : redact.filter(isKind);
  const kinds = new Set(chosen);
  if (redactPattern.length > 0) kinds.add('custom');
  if (redactUser.length > 0) kinds.add('users');
  if (kinds.size === 0) return null;
  if (kinds.has('custom') && redactPattern.length === 0 && !redact.includes('all'))
    throw new AppError('INVALID_INPUT', 'To hide by own rules, add --redact-pattern REGEXP.');
  return createRedactor({
    kinds: [...kinds],
    names: { ...names, users: [...(names.users ?? []), ...redactUser] },
    custom: redactPattern,
    ...(numbers === undefined ? {} : { numbers }),
  });
}

/** What was hidden, as a table. */
export function formatRedaction(report: RedactionReport | null): string {
  if (report === null) return 'Nothing was hidden; to hide values, add --redact KIND.';
  if (report.length === 0) return 'No value was hidden.';
  return formatTable(
    ['Hidden', 'Times', 'Values'],
    report.map(({ kind, count, distinct }) => [redactionKinds[kind].label, count, distinct]),
  );
}
