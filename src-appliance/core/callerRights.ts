import { AppError } from '../../src-shared/errors.ts';

type Caller = { uid: number; gid: number };

/** The user behind sudo; null for another user than root, and for root without sudo: both use their own rights. */
function readCaller(env: NodeJS.ProcessEnv): Caller | null {
  const { SUDO_UID: uid, SUDO_GID: gid } = env;
  if (process.geteuid?.() !== 0 || (uid === undefined && gid === undefined)) return null;
  if (!/^\d{1,10}$/u.test(uid ?? '') || !/^\d{1,10}$/u.test(gid ?? ''))
    throw new AppError('NOT_PERMITTED', 'SUDO_UID and SUDO_GID do not name the user who called sudo');
  return Number(uid) === 0 ? null : { uid: Number(uid), gid: Number(gid) };
}

/**
 * Runs `work` with the file rights of the user who called sudo, so that root does not open files for that user.
 * Synchronous, because rights belong to the whole process. Throws what `work` throws.
 */
export function withCallerRights<T>(work: () => T, env: NodeJS.ProcessEnv = process.env): T {
  const caller = readCaller(env);
  if (caller === null) return work();
  const groups = process.getgroups?.() ?? [];
  try {
    // Only the first group: less than the user's rights, but never more.
    process.setgroups?.([caller.gid]);
    process.setegid?.(caller.gid);
    process.seteuid?.(caller.uid);
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}
