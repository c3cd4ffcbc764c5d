import { RE2JS } from 're2js';
import { AppError } from '../../../errors.ts';
import { quoteText } from '../../../base/machineText.ts';
import { findRegexpFault } from '../query/linearRegexp.ts';
import { foldCase, maxRegexpLength } from '../query/logQuery.ts';
import { createNameFinder } from './nameFinder.ts';
import {
  findByForm,
  findPlaceholders,
  maxCustomRules,
  redactionKindNames,
  redactionKinds,
  type HiddenPart,
  type RedactionKind,
} from './redactionRules.ts';

/** Values that get a placeholder of their own; further ones of a kind share one **[ours]**. */
export const maxHiddenValues = 50_000;
/** A private key that never ends hides at most this many lines. */
const maxKeyLines = 200;

export type RedactionOptions = {
  kinds: readonly RedactionKind[];
  /** Names that can't be known by their form. */
  names: { tenants?: readonly string[]; hosts?: readonly string[]; users?: readonly string[] };
  /** Own regular expressions (RE2, upper and lower case alike); all that they match is hidden. */
  custom: readonly string[];
  /** The numbers to begin with, from the report of an earlier redaction of the same text. */
  numbers?: Partial<Record<RedactionKind, number>>;
};

/** What was hidden, by kind: how often, how many different values, and the number for the next value. */
export type RedactionReport = { kind: RedactionKind; count: number; distinct: number; next: number }[];

/** A line after redaction, and where its placeholders are. */
export type RedactedLine = { text: string; hidden: (HiddenPart & { kind: RedactionKind })[] };

/** `isWritten`: it is a placeholder of an earlier redaction. */
type FoundPart = HiddenPart & { kind: RedactionKind; isWritten: boolean };
type Finder = { kind: RedactionKind; find: (text: string) => HiddenPart[] };

function createCustomFinder(source: string): (text: string) => HiddenPart[] {
  const fault =
    source.length > maxRegexpLength
      ? `It is longer than ${maxRegexpLength} characters.`
      : findRegexpFault({ source, flags: 'i' });
  if (fault !== null)
    throw new AppError('INVALID_INPUT', `The rule ${quoteText(source.slice(0, 80))} can't be used. ${fault}`);
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source), RE2JS.CASE_INSENSITIVE);
  return (text) => {
    const matcher = compiled.matcher(text);
    const found: HiddenPart[] = [];
    while (matcher.find())
      if (matcher.end() > matcher.start()) found.push({ from: matcher.start(), to: matcher.end() });
    return found;
  };
}

function createFinders({ kinds, names, custom }: RedactionOptions): Finder[] {
  if (custom.length > maxCustomRules)
    throw new AppError(
      'INVALID_INPUT',
      `There are ${custom.length} own rules; at most ${maxCustomRules} are possible.`,
    );
  const byName = { tenants: names.tenants ?? [], hosts: names.hosts ?? [], users: names.users ?? [] };
  const customFinders = custom.map(createCustomFinder);
  return redactionKindNames
    .filter((kind) => kinds.includes(kind))
    .map((kind) => {
      if (kind === 'custom') return { kind, find: (text) => customFinders.flatMap((find) => find(text)) };
      const findForm = (text: string) => findByForm(kind, text);
      if (kind !== 'tenants' && kind !== 'hosts' && kind !== 'users') return { kind, find: findForm };
      const findNames = createNameFinder(byName[kind]);
      return { kind, find: (text) => [...findForm(text), ...findNames(text)] };
    });
}

/** Joins parts that overlap, so that nothing of them stays. The first kind of `redactionKindNames` wins, over a placeholder too. */
function joinParts(parts: readonly FoundPart[]): FoundPart[] {
  const joined: FoundPart[] = [];
  for (const part of parts.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = joined.at(-1);
    if (last === undefined || part.from >= last.to) {
      joined.push({ ...part });
      continue;
    }
    const isInside = part.to <= last.to;
    if (last.isWritten && isInside) continue;
    const isFirst =
      last.isWritten ||
      (!part.isWritten && redactionKindNames.indexOf(part.kind) < redactionKindNames.indexOf(last.kind));
    if (isFirst) last.kind = part.kind;
    last.isWritten = false;
    last.to = Math.max(last.to, part.to);
  }
  return joined;
}

function createNumbers(start: RedactionOptions['numbers']) {
  const values = new Map<string, string>();
  const tallies = new Map<RedactionKind, { count: number; distinct: number; next: number }>();
  return {
    /** The placeholder of a value, the same each time. */
    replace: (kind: RedactionKind, value: string): string => {
      const tally = tallies.get(kind) ?? { count: 0, distinct: 0, next: start?.[kind] ?? 1 };
      tallies.set(kind, tally);
      tally.count += 1;
      const key = `${kind} ${foldCase(value)}`;
      const known = values.get(key);
      if (known !== undefined) return known;
      const { placeholder } = redactionKinds[kind];
      if (values.size >= maxHiddenValues) return `<${placeholder}-other>`;
      const made = `<${placeholder}-${tally.next}>`;
      values.set(key, made);
      tally.distinct += 1;
      tally.next += 1;
      return made;
    },
    report: (): RedactionReport =>
      redactionKindNames.flatMap((kind) => {
        const tally = tallies.get(kind);
        return tally === undefined ? [] : [{ kind, ...tally }];
      }),
  };
}

/** Knows whether a line is inside a private key that began on an earlier line. */
function createKeyLines() {
  let left = 0;
  return {
    /** The part of the line that belongs to such a key. */
    find: (text: string): HiddenPart[] => {
      if (left === 0) return [];
      left -= 1;
      const end = /-----END [A-Z ]{0,40}PRIVATE KEY-----/u.exec(text);
      if (end !== null) left = 0;
      const body = /[A-Za-z0-9+/=]{16,}\s*$/u.exec(text.slice(0, 4096));
      if (end !== null) return [{ from: body?.index ?? end.index, to: text.length }];
      return body === null ? [] : [{ from: body.index, to: text.length }];
    },
    note: (text: string): void => {
      const begin = text.lastIndexOf('-----BEGIN ');
      if (
        begin !== -1 &&
        /^-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/u.test(text.slice(begin)) &&
        !text.includes('-----END ', begin)
      )
        left = maxKeyLines;
    },
  };
}

/**
 * Hides values in lines, in order. The same value has the same placeholder in all lines, so that what belongs together can
 * still be seen. Placeholders that are there already stay, so that a text can be redacted again with more kinds. Throws
 * INVALID_INPUT for an own rule that can't be used.
 */
export function createRedactor(options: RedactionOptions) {
  const keyLines = createKeyLines();
  const finders: Finder[] = [
    ...(options.kinds.includes('privateKeys') ? [{ kind: 'privateKeys', find: keyLines.find } as const] : []),
    ...createFinders(options),
  ];
  const numbers = createNumbers(options.numbers);

  return {
    redact: (line: string): RedactedLine => {
      const found = finders.flatMap(({ kind, find }) =>
        find(line).map(({ from, to }) => ({ kind, from, to, isWritten: false })),
      );
      const written = findPlaceholders(line).map((part) => ({ ...part, isWritten: true }));
      keyLines.note(line);
      const hidden: RedactedLine['hidden'] = [];
      let text = '';
      let at = 0;
      for (const { kind, from, to, isWritten } of joinParts([...written, ...found])) {
        const value = line.slice(from, to);
        text += line.slice(at, from);
        const placeholder = isWritten ? value : numbers.replace(kind, value);
        hidden.push({ kind, from: text.length, to: text.length + placeholder.length });
        text += placeholder;
        at = to;
      }
      return { text: text + line.slice(at), hidden };
    },
    report: numbers.report,
  };
}
