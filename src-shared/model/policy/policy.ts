import { z } from 'zod';
import { instantSchema } from '../../base/time.ts';
import { settingGroupSchema } from './settingGroups.ts';

/** Something wrong in the policy file. `line` is null, and `key` empty, if the whole file is meant. */
export const policyProblemSchema = z.object({
  line: z.int().nullable(),
  key: z.string(),
  message: z.string(),
});
export type PolicyProblem = z.infer<typeof policyProblemSchema>;

/** A setting that the policy fixes to a value. `shown` is the value for people. */
export const settingLockSchema = z.object({
  group: settingGroupSchema,
  field: z.string(),
  value: z.union([
    z.number(),
    z.string(),
    z.boolean(),
    z.null(),
    z.object({ from: z.string(), to: z.string() }),
  ]),
  shown: z.string(),
});
export type SettingLock = z.infer<typeof settingLockSchema>;

/**
 * The managed policy as it was read. In a file with any problem, the connected window is forbidden and the locks are
 * those that are valid.
 */
export const policySchema = z.object({
  path: z.string(),
  state: z.enum(['absent', 'valid', 'faulty']),
  connectedWindow: z.enum(['allowed', 'forbidden']),
  locks: z.array(settingLockSchema),
  problems: z.array(policyProblemSchema),
  /** Who else than the administrators of this computer can change the file. */
  warnings: z.array(z.string()),
  readAt: instantSchema,
});
export type Policy = z.infer<typeof policySchema>;

/** What the pages show of a policy file that needs an administrator. `bad`: the connected window is forbidden by it. */
export const policyNoticeSchema = z.object({
  severity: z.enum(['bad', 'warn']),
  message: z.string(),
});
export type PolicyNotice = z.infer<typeof policyNoticeSchema>;

const more = (count: number) => (count > 1 ? ` There are ${count - 1} more.` : '');

/** The notice of a policy. Null if its file is right or missing. */
export function findPolicyNotice({ path, problems, warnings }: Policy): PolicyNotice | null {
  const [problem] = problems;
  const [warning] = warnings;
  if (problem !== undefined)
    return {
      severity: 'bad',
      message: `The policy file has an error. The connected window is forbidden until it is corrected: ${describePolicyProblem(path, problem)}.${more(problems.length)}`,
    };
  return warning === undefined ? null : { severity: 'warn', message: `${warning}${more(warnings.length)}` };
}

/** The key of a locked setting in the file. */
export function lockKey({ group, field }: Pick<SettingLock, 'group' | 'field'>): string {
  return `settings.${group}.${field}`;
}

/** A problem with its place, e.g. `/etc/sallyport/policy.yaml, line 3: settings.x is unknown`. */
export function describePolicyProblem(path: string, { line, key, message }: PolicyProblem): string {
  return `${path}${line === null ? '' : `, line ${line}`}: ${key === '' ? 'the file' : key} ${message}`;
}
