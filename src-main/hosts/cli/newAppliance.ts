import type { z } from 'zod';
import { AppError, joinErrors } from '../../../src-shared/errors.ts';
import { withLookAlike } from '../../../src-shared/base/lookAlikes.ts';
import {
  applianceInputSchema,
  type ApplianceInput,
} from '../../../src-shared/model/appliance/applianceEntry.ts';
import { fingerprintSchema, type HostKey } from '../../../src-shared/model/appliance/hostKey.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { hasPart, type Credential } from '../../../src-shared/model/secrets/credential.ts';
import { assertHasKey, authenticationWith, parseTarget, withCredential } from './target.ts';

/** The options of `appliance add`, as commander reads them. */
export type NewAppliance = {
  name: string;
  target: string;
  identity?: string;
  hostKey?: string;
  jump: string[];
  jumpHostKey: string[];
  sudo: string;
  legacyAlgorithms?: boolean;
  group: string;
  cluster: string;
  description: string;
  tag: string[];
  connect?: string;
  colour: string;
  credential?: string;
};

/** Replaces an invalid target, so that the other options can still be checked. */
const placeholderTarget = { host: 'unread', port: 22, user: 'unread' };

/**
 * Reads a fingerprint. It does not contain the key type, so the type stays empty until the first connection
 * adds it.
 */
export function readHostKey(option: string, text: string): HostKey {
  const fingerprint = fingerprintSchema.safeParse(text);
  if (!fingerprint.success)
    throw new AppError(
      'INVALID_INPUT',
      `${withLookAlike(`${option} must be SHA256: followed by 43 characters`, text)}.`,
    );
  return { type: '', fingerprint: fingerprint.data };
}

/** Runs functions that read options and collects their errors, so that all are reported at once. */
function createReader() {
  const problems: AppError[] = [];
  const keep = (thrown: unknown): null => {
    if (!(thrown instanceof AppError)) throw thrown;
    problems.push(thrown);
    return null;
  };
  return {
    problems,
    read: <Part>(part: () => Part): Part | null => {
      try {
        return part();
      } catch (thrown) {
        return keep(thrown);
      }
    },
    readLater: <Part>(part: Promise<Part>): Promise<Part | null> => part.catch(keep),
  };
}

/** The command-line names of fields whose option is not `--FIELD`. */
const argumentNames: Readonly<Record<string, string>> = {
  name: 'NAME',
  jumps: '--jump',
  tags: '--tag',
  legacyAlgorithms: '--legacy-algorithms',
};

/**
 * Converts the issues to errors without repeats, because the target and all jump hosts have the same key
 * file.
 */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): AppError[] {
  const sentences = issues.map(({ path, message }) => {
    const [field] = path;
    if (path.includes('authentication')) return `--identity: ${message}.`;
    return `${argumentNames[String(field)] ?? `--${String(field)}`}: ${message}.`;
  });
  return [...new Set(sentences)].map((sentence) => new AppError('INVALID_INPUT', sentence));
}

/**
 * Reads the options of `appliance add`. Throws one error with all problems, those about files last:
 * INVALID_INPUT, ALREADY_EXISTS, ADDRESS_TAKEN or KEY_UNREADABLE.
 */
export async function readNewAppliance(
  options: NewAppliance,
  taken: Inventory['findConflicts'],
  credential: Credential | null = null,
): Promise<{ input: ApplianceInput; hostKey: HostKey | null; jumpHostKeys: (HostKey | null)[] }> {
  const { problems, read, readLater } = createReader();
  const { hostKey: fingerprint, identity, jump, jumpHostKey, tag, target: address, ...others } = options;
  const { credential: _, ...rest } = others;
  const authentication = authenticationWith(identity);
  const hasPassword = credential !== null && hasPart(credential.kind, 'password');
  const target = read(() => {
    if (credential === null) return parseTarget(address, authentication);
    // With a password and no key file, no key of the agent is offered, because each counts as an attempt.
    const own = { ...authentication, agent: authentication.agent && !hasPassword };
    return withCredential(parseTarget(address, own), credential);
  });
  const jumps = jump.map((text) => read(() => parseTarget(text, authentication)));
  const unread = { ...placeholderTarget, authentication };
  const input = applianceInputSchema.safeParse({
    ...rest,
    tags: tag,
    target: target ?? unread,
    jumps: jumps.map((hop) => hop ?? unread),
    legacyAlgorithms: options.legacyAlgorithms ?? false,
  });
  problems.push(...describeIssues(input.error?.issues ?? []));
  const hostKey = fingerprint === undefined ? null : read(() => readHostKey('--host-key', fingerprint));
  const jumpHostKeys = jumpHostKey.map((text) => read(() => readHostKey('--jump-host-key', text)));
  if (jumpHostKeys.length > jump.length)
    problems.push(
      new AppError('INVALID_INPUT', 'There are more --jump-host-key options than --jump options.'),
    );
  const known = jumps.flatMap((hop) => hop ?? []);
  const isWayKnown = known.length === jumps.length;
  problems.push(...taken({ name: options.name, target: isWayKnown ? target : null, jumps: known }));
  if (identity !== undefined || !hasPassword) await readLater(assertHasKey(identity));
  const problem = joinErrors(problems);
  if (problem !== null) throw problem;
  return { input: applianceInputSchema.parse(input.data), hostKey, jumpHostKeys };
}
