import { os } from '@orpc/server';
import { AppError } from '../../src-shared/errors.ts';
import { hasRole, type ProcedureMeta, type Role } from '../../src-shared/contract/procedure.ts';
import type { Services } from '../services.ts';

/** The caller of a procedure. The host sets it when it opens the transport; the page can't change it. */
export type CallContext = { services: Services; role: Role };

/** Throws NOT_PERMITTED. For a procedure whose input decides which role it needs. */
export function assertRole({ role }: Pick<CallContext, 'role'>, needed: Role): void {
  if (hasRole(role, needed)) return;
  throw new AppError('NOT_PERMITTED', `This needs the role ${needed}; yours is ${role}.`, {
    detail: { needed, held: role },
  });
}

/** Checks the role before the input is parsed. A procedure without a role rejects every caller. */
export const requireRole = os
  .$context<{ role: Role }>()
  .$meta<ProcedureMeta>({})
  .middleware(async ({ context, procedure, next, path }) => {
    const needed = procedure['~orpc'].meta.role;
    if (needed === undefined)
      throw new AppError('NOT_PERMITTED', `${path.join('.')} can’t be called: it declares no role.`, {
        detail: { needed: null, held: context.role },
      });
    assertRole(context, needed);
    return next();
  });
