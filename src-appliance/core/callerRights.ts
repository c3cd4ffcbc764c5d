import { AppError } from '../../src-shared/errors.ts';

type Caller = { uid: number; gid: number };

/** The user behind sudo; null for a user who is not root, or root without sudo: both act with their own rights. */
function readCaller(env: NodeJS.ProcessEnv): Caller | null {
  const { SUDO_UID: uid, SUDO_GID: gid } = env;
  if (process.geteuid?.() !== 0 || (uid === undefined && gid === undefined)) return null;
  if (!/^\d{1,10}$/u.test(uid ?? '') || !/^\d{1,10}$/u.test(gid ?? ''))
    throw new AppError('NOT_PERMITTED', 'SUDO_UID and SUDO_GID do not name the user who called sudo');
  return Number(uid) === 0 ? null : { uid: Number(uid), gid: Number(gid) };
}

/**
 * Runs `work` with the file rights of the user who called sudo: what that user may not open, root does not open for it.
 * Synchronous, because the rights are those of the whole process. Throws what `work` throws.
 */
export function withCallerRights<T>(work: () => T, env: NodeJS.ProcessEnv = process.env): T {
  const caller = readCaller(env);
  if (caller === null) return work();
  const groups = process.getgroups?.() ?? [];
  try {
    // Of its groups the first alone: less than the user may, never more.
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
