import type { LogSource } from './logSource.ts';
import type { SurveyedFile } from './survey.ts';

/** The sources of one file: it has several if the reading began in the middle. */
type Group = {
  device: string;
  inode: string;
  head: Buffer;
  members: LogSource[];
  order: number;
  offset: number;
};

function groupSources(known: readonly LogSource[]): Group[] {
  const groups = new Map<string, Group>();
  for (const source of known) {
    const { device, inode, order, offset } = source;
    const key = `${device}:${inode}:${source.head}`;
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, {
        device,
        inode,
        head: Buffer.from(source.head, 'base64'),
        members: [source],
        order,
        offset,
      });
    else {
      group.members.push(source);
      group.order = Math.max(group.order, order);
      group.offset = Math.max(group.offset, offset);
    }
  }
  return [...groups.values()].sort((a, b) => b.order - a.order);
}

/** Whether both begin with the same bytes, as far as both are known. */
export function haveSameHead(a: Buffer, b: Buffer): boolean {
  const common = Math.min(a.length, b.length);
  return a.subarray(0, common).equals(b.subarray(0, common));
}

/** The same, if a byte of both is known. */
export const agree = (a: Buffer, b: Buffer): boolean => a.length > 0 && b.length > 0 && haveSameHead(a, b);

const hasInode = (group: Group, file: SurveyedFile) =>
  file.device === group.device && file.inode === group.inode;

/** Whether `file` has all that was read of the group. A compressed file is only compared by its head. */
const holdsAll = (group: Group, file: SurveyedFile) =>
  agree(group.head, file.head) &&
  file.head.length >= group.head.length &&
  (file.packing !== 'plain' || file.size >= group.offset);

export type Matches = {
  /** The sources of each file, in the order of the files. */
  sources: LogSource[][];
  /** The sources that no file belongs to. */
  unmatched: { source: LogSource; wasCut: boolean }[];
};

/**
 * Finds the file of each source by its first bytes: inodes are used again, and a copy or a compressed file has another
 * one. `isExcluded` says that a file has turned out to be another one.
 */
export function matchFiles(
  known: readonly LogSource[],
  files: readonly SurveyedFile[],
  isExcluded: (source: LogSource, file: SurveyedFile) => boolean,
): Matches {
  const sources: LogSource[][] = files.map(() => []);
  const isAllowed = (group: Group, index: number, file: SurveyedFile) =>
    sources[index]?.length === 0 && !group.members.some((source) => isExcluded(source, file));
  const assign = (group: Group, fits: (file: SurveyedFile) => boolean): boolean => {
    const index = files.findLastIndex((file, at) => isAllowed(group, at, file) && fits(file));
    if (index === -1) return false;
    sources[index] = group.members.toSorted((a, b) => a.start - b.start);
    return true;
  };
  const groups = groupSources(known);
  const renamed = groups.filter(
    (group) => !assign(group, (file) => hasInode(group, file) && holdsAll(group, file)),
  );
  const unmatched: Matches['unmatched'] = [];
  for (const group of renamed) {
    const wasCut = files.some((file) => file.packing === 'plain' && hasInode(group, file));
    // Lines that are written between the copy and the cut are only in what was read.
    const isShortCopy = (file: SurveyedFile) =>
      wasCut && !hasInode(group, file) && agree(group.head, file.head);
    if (
      assign(group, (file) => !hasInode(group, file) && holdsAll(group, file)) ||
      assign(group, isShortCopy)
    )
      continue;
    for (const source of group.members) unmatched.push({ source, wasCut });
  }
  return { sources, unmatched };
}
