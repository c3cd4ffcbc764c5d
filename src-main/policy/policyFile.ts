import { lstatSync, statSync, type Stats } from 'node:fs';
import { dirname, join, posix, win32 } from 'node:path';
import { decodeText } from '../../src-shared/base/textEncoding.ts';
import { maxPolicyBytes, parsePolicy } from '../../src-shared/model/policy/parsePolicy.ts';
import type { Policy } from '../../src-shared/model/policy/policy.ts';
import { readBounded, type BoundedFile } from '../../src-shared/node/files.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The policy file of this computer, which only its administrators should be able to write. */
export function machinePolicyPath(platform: NodeJS.Platform, environment: Environment): string {
  switch (platform) {
    case 'darwin':
      return '/Library/Application Support/Sallyport/policy.yaml';
    case 'win32':
      return win32.join(environment['ProgramData'] ?? 'C:\\ProgramData', 'Sallyport', 'policy.yaml');
    default:
      return posix.join('/etc', 'sallyport', 'policy.yaml');
  }
}

/**
 * The files to look for, best first. `SALLYPORT_POLICY` is for tries and tests: it counts only on a computer without
 * its own file, so that no user can replace that file.
 */
export function policyPaths(
  platform: NodeJS.Platform = process.platform,
  environment: Environment = process.env,
): string[] {
  const tried = environment['SALLYPORT_POLICY'];
  return [machinePolicyPath(platform, environment), ...(tried === undefined || tried === '' ? [] : [tried])];
}

type Rights = { mode: number; uid: number };

/** What others than root may do to a file or folder. Null if only root can write. */
function describeRights(what: string, { mode, uid }: Rights): string | null {
  if (uid !== 0)
    return `${what} belongs to user ${uid}, not to root, so that this user can change the policy.`;
  if ((mode & 0o022) !== 0)
    return `${what} has mode ${(mode & 0o777).toString(8).padStart(4, '0')}: others than root can change the policy.`;
  return null;
}

/** Windows has access lists and not these rights. */
function findWarnings(path: string, file: BoundedFile): string[] {
  if (process.platform === 'win32') return [];
  const folder = dirname(path);
  return [
    describeRights(path, { mode: file.mode, uid: file.owner.uid }),
    describeRights(folder, statSync(folder)),
  ].filter((warning) => warning !== null);
}

type ReadPolicy = Omit<Policy, 'readAt' | 'path'>;

function failRead(message: string): ReadPolicy {
  return {
    state: 'faulty',
    connectedWindow: 'forbidden',
    locks: [],
    problems: [{ line: null, key: '', message }],
    warnings: [],
  };
}

/** Whether a link leads nowhere, e.g. to a network folder that is not mounted. */
function isBrokenLink(path: string): boolean {
  const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  return isThere && statSync(path, { throwIfNoEntry: false }) === undefined;
}

/** Reads one file; null if it does not exist. */
function readOne(path: string): ReadPolicy | null {
  try {
    const file = readBounded(path, { maxBytes: maxPolicyBytes });
    if (file === 'not-a-file') return failRead('is not a regular file');
    if (file === 'too-large') return failRead(`is larger than ${maxPolicyBytes} bytes`);
    const parsed = parsePolicy(decodeText(file.content));
    return {
      ...parsed,
      state: parsed.problems.length > 0 ? 'faulty' : 'valid',
      warnings: findWarnings(path, file),
    };
  } catch (thrown) {
    const code = systemErrorCode(thrown);
    if (code !== 'ENOENT') return failRead(`can’t be read (${code ?? 'unknown reason'})`);
    const broken = [path, dirname(path)].find(isBrokenLink);
    return broken === undefined ? null : failRead(`can’t be read: ${broken} is a link that leads nowhere`);
  }
}

const rightsOf = ({ ino, mode, uid }: Stats) => [ino, mode, uid];
const contentOf = (stats: Stats) => [...rightsOf(stats), stats.size, stats.mtimeMs, stats.ctimeMs];

function stampOf(look: () => Stats, read: (stats: Stats) => number[]): string {
  try {
    return read(look()).join(' ');
  } catch (thrown) {
    return String(systemErrorCode(thrown) ?? 'unknown');
  }
}

/** Differs after any change of one of the files, their links and the rights of their folders. Never throws. */
export function stampPolicy(paths: readonly string[]): string {
  return paths
    .flatMap((path) => [
      stampOf(() => statSync(path), contentOf),
      stampOf(() => lstatSync(path), rightsOf),
      stampOf(() => statSync(dirname(path)), rightsOf),
      stampOf(() => lstatSync(dirname(path)), rightsOf),
    ])
    .join('\n');
}

/** Reads the first of `paths` that exists. Never throws. */
export function readPolicy(paths: readonly string[], now: number): Policy {
  const readAt = new Date(now).toISOString();
  for (const path of paths) {
    const read = readOne(path);
    if (read !== null) return { ...read, path, readAt };
  }
  return {
    path: paths[0] ?? join('policy.yaml'),
    state: 'absent',
    connectedWindow: 'allowed',
    locks: [],
    problems: [],
    warnings: [],
    readAt,
  };
}
