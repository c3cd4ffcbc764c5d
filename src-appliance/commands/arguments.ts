import { parseArgs } from 'node:util';
import { AppError } from '../../src-shared/errors.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import { isPlainLine } from '../../src-shared/base/machineText.ts';
import { instantSchema } from '../../src-shared/base/time.ts';
import { maxCauseName, maxCauseReason } from '../../src-shared/model/configuration/changeCause.ts';
import type { Appliance } from '../core/appliance.ts';

export function usage(message: string): AppError {
  return new AppError('INVALID_INPUT', message);
}

export type Arguments = { words: string[]; flags: ReadonlySet<string>; values: ReadonlyMap<string, string> };

/**
 * Reads words and options in any order; `--` ends the options. Throws INVALID_INPUT for an unknown option and
 * for an option that occurs twice. Every command has the option `--json`.
 */
export function readArguments(
  argv: readonly string[],
  allowed: { flags?: readonly string[]; values?: readonly string[] },
): Arguments {
  const flags = ['json', ...(allowed.flags ?? [])];
  const options: Record<string, { type: 'boolean' | 'string'; short?: string }> = {};
  for (const name of flags)
    options[name] = name === 'force' ? { type: 'boolean', short: 'f' } : { type: 'boolean' };
  for (const name of allowed.values ?? []) options[name] = { type: 'string' };
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    const [firstSentence] = (error instanceof Error ? error.message : 'wrong arguments').split('. ');
    throw usage(firstSentence ?? 'wrong arguments');
  }
  const seen = new Set<string>();
  const values = new Map<string, string>();
  for (const token of parsed.tokens) {
    if (token.kind !== 'option') continue;
    if (seen.has(token.name)) throw usage(`--${token.name} is given twice`);
    seen.add(token.name);
    if (token.value !== undefined) values.set(token.name, token.value);
  }
  return { words: parsed.positionals, flags: seen, values };
}

/** The options with which a change states who wants it and why. */
export const statedOptions = ['by', 'reason'] as const;

function readStatedText(values: Arguments['values'], name: string, maxLength: number): string | null {
  const text = values.get(name)?.trim();
  if (text === undefined) return null;
  if (text !== '' && text.length <= maxLength && isPlainLine(text)) return text;
  throw usage(`--${name} needs one line of 1 to ${maxLength} characters without control characters`);
}

/** Who wants a change and why, to be kept with the new version. */
export function readStated({ values }: Arguments): Appliance['stated'] {
  return {
    name: readStatedText(values, 'by', maxCauseName),
    reason: readStatedText(values, 'reason', maxCauseReason),
  };
}

export function readClientId(word: string): string {
  const parsed = clientIdSchema.safeParse(word);
  if (parsed.success) return parsed.data;
  throw usage(parsed.error.issues[0]?.message ?? 'not a valid CLIENT_ID');
}

/**
 * Reads `--unchanged-since`: a UTC time, or null for `none`, which means that the tenant must not exist.
 * Undefined if the option is absent.
 */
export function readBasis(value: string | undefined): string | null | undefined {
  if (value === undefined) return undefined;
  if (value === 'none') return null;
  if (instantSchema.safeParse(value).success) return value;
  throw usage('--unchanged-since needs a UTC time such as 2026-11-20T09:30:00.000Z, or the word none');
}

/**
 * Reads a whole number from `least` to `most` in decimal digits. The error message calls the number `what`.
 */
export function readWholeNumber(word: string, bounds: { what: string; least: number; most: number }): number {
  const { what, least, most } = bounds;
  const number = /^(?:0|[1-9]\d{0,9})$/.test(word) ? Number(word) : Number.NaN;
  if (!(number >= least && number <= most))
    throw usage(`${what} must be a whole number from ${least} to ${most}`);
  return number;
}

/** Reads a whole number from 0 to `most` in decimal digits. */
export function readCount(word: string, most: number): number {
  if (!/^(?:0|[1-9]\d{0,4})$/.test(word) || Number(word) > most)
    throw usage(`NUM must be a whole number from 0 to ${most}`);
  return Number(word);
}
