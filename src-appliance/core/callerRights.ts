import { AppError } from '../../src-shared/errors.ts';

type Caller = { uid: number; gid: number };

/**
 * Returns the user who called sudo. Null if there is no sudo or the user is root; the process then keeps its
 * own rights.
 */
function readCaller(env: NodeJS.ProcessEnv): Caller | null {
  const { SUDO_UID: uid, SUDO_GID: gid } = env;
  if (process.geteuid?.() !== 0 || (uid === undefined && gid === undefined)) return null;
  if (!/^\d{1,10}$/u.test(uid ?? '') || !/^\d{1,10}$/u.test(gid ?? ''))
    throw new AppError('NOT_PERMITTED', 'SUDO_UID and SUDO_GID do not name the user who called sudo');
  return Number(uid) === 0 ? null : { uid: Number(uid), gid: Number(gid) };
}

/**
 * Runs `work` with the file rights of the user who called sudo, so that root doesn't open files that this
 * user may not. Synchronous, because the rights apply to the whole process. Throws what `work` throws.
 */
export function withCallerRights<T>(work: () => T, env: NodeJS.ProcessEnv = process.env): T {
  const caller = readCaller(env);
  if (caller === null) return work();
  const groups = process.getgroups?.() ?? [];
  try {
    // Set only the user's main group. The user's other groups are unknown, and this never gives too many
    // rights.
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
