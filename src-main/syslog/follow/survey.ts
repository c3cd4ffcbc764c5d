import { AppError } from '../../../src-shared/errors.ts';
import type { MeasuredSkew } from './skew.ts';

const packings = ['plain', 'gz', 'xz', 'zst', 'bz2'] as const;
type Packing = (typeof packings)[number];

/** The log or one of its rotated files. `name` is the end of its path: empty for the log itself. */
export type SurveyedFile = {
  name: string;
  device: string;
  inode: string;
  /** Bytes on disk. */
  size: number;
  /** Epoch seconds by the appliance's clock. */
  modified: number;
  packing: Packing;
  /** The first bytes of its text. */
  head: Buffer;
};

export const fileProblems = [
  'missing',
  'refused',
  'unreadable',
  'corrupt',
  'no-unpacker',
  'vanished',
] as const;
/** A file that could not be examined. */
export type BadFile = {
  name: string;
  device: string;
  inode: string;
  problem: (typeof fileProblems)[number];
  text: string;
};

/** Both lists are sorted from the oldest file to the newest. */
export type Survey = {
  /** The appliance's clock, epoch seconds. */
  clock: number;
  zoneOffsetMinutes: number | null;
  skew: MeasuredSkew;
  /** Of the names and inodes, so that a later rename is noticed. */
  stamp: string;
  files: SurveyedFile[];
  bad: BadFile[];
};

const numberPattern = /^[0-9]{1,15}$/u;
const inodePattern = /^[0-9]{1,20}$/u;
const hexPattern = /^(?:[0-9a-f]{2}){0,1024}$/u;

export function readNumber(word: string | undefined): number {
  if (word === undefined || !numberPattern.test(word))
    throw new AppError(
      'COMMAND_FAILED',
      'The command that reads the log printed no number where one belongs.',
    );
  return Number(word);
}

function readInode(word: string | undefined): string {
  if (word === undefined || !inodePattern.test(word))
    throw new AppError(
      'COMMAND_FAILED',
      'The command that reads the log printed no inode where one belongs.',
    );
  return word;
}

const isOneOf = <Value extends string>(values: readonly Value[], word: string | undefined): word is Value =>
  values.some((value) => value === word);

/** Reads `file =NAME DEV INO SIZE MTIME PACKING HEAD`. */
export function readFileFrame(words: readonly string[]): SurveyedFile {
  const [, name = '', device, inode, size, modified, packing, ...digits] = words;
  const hex = digits.join('');
  if (!isOneOf(packings, packing) || !hexPattern.test(hex))
    throw new AppError('COMMAND_FAILED', 'The command that reads the log printed an unknown description.');
  return {
    name: name.slice(1),
    device: readInode(device),
    inode: readInode(inode),
    size: readNumber(size),
    modified: readNumber(modified),
    packing,
    head: Buffer.from(hex, 'hex'),
  };
}

/** Reads `bad =NAME DEV INO PROBLEM TEXT`. */
export function readBadFrame(words: readonly string[]): BadFile {
  const [, name = '', device, inode, problem, ...text] = words;
  if (!isOneOf(fileProblems, problem))
    throw new AppError('COMMAND_FAILED', 'The command that reads the log printed an unknown problem.');
  return {
    name: name.slice(1),
    device: readInode(device),
    inode: readInode(inode),
    problem,
    text: text.join(' '),
  };
}

/** The name without the extension of a compressed file. */
export const unpackedName = (name: string): string => name.replace(/\.(?:gz|xz|zst|bz2)$/u, '');

/** logrotate counts from the newest file up, or writes the date into the name. */
type NameKind = { kind: 'log' } | { kind: 'number'; value: number } | { kind: 'date'; value: string };
function kindOf(name: string): NameKind {
  const stem = unpackedName(name);
  if (stem === '') return { kind: 'log' };
  const digits = stem.slice(1);
  if (stem.startsWith('.') && /^[0-9]{1,6}$/u.test(digits)) return { kind: 'number', value: Number(digits) };
  // Dates have a fixed width, so their order is that of the text.
  return { kind: 'date', value: digits };
}

type Aged = { name: string; modified?: number };

/**
 * Sorts files from the oldest to the newest: by name, because the time of the last change is only exact to the second;
 * files that logrotate named in different ways by that time.
 */
export function compareAge(a: Aged, b: Aged): number {
  const [first, second] = [kindOf(a.name), kindOf(b.name)];
  if (first.kind === 'log' || second.kind === 'log')
    return Number(first.kind === 'log') - Number(second.kind === 'log');
  if (first.kind === 'number' && second.kind === 'number' && first.value !== second.value)
    return second.value - first.value;
  if (first.kind === 'date' && second.kind === 'date')
    return first.value < second.value ? -1 : Number(first.value > second.value);
  const difference = (a.modified ?? 0) - (b.modified ?? 0);
  // A log whose names were changed to dates has numbers only on its older files.
  return difference === 0 ? Number(first.kind === 'date') - Number(second.kind === 'date') : difference;
}
