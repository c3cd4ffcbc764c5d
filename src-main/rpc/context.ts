import { os } from '@orpc/server';
import { AppError } from '../../src-shared/errors.ts';
import { hasRole, type ProcedureMeta, type Role } from '../../src-shared/contract/procedure.ts';
import type { Services } from '../services.ts';

/** The caller, set by the host when it opened the transport. Nothing in it comes from the page. */
export type CallContext = { services: Services; role: Role };

/** Runs before the input is parsed. A procedure without a role is denied to all. */
export const requireRole = os
  .$context<{ role: Role }>()
  .$meta<ProcedureMeta>({})
  .middleware(async ({ context, procedure, next, path }) => {
    const needed = procedure['~orpc'].meta.role;
    if (needed === undefined || !hasRole(context.role, needed)) {
      throw new AppError(
        'NOT_PERMITTED',
        needed === undefined
          ? `${path.join('.')} can’t be called: it declares no role.`
          : `This needs the role ${needed}; yours is ${context.role}.`,
        { detail: { needed: needed ?? null, held: context.role } },
      );
    }
    return next();
  });
