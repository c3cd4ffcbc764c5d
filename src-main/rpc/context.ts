import { os } from '@orpc/server';
import { AppError } from '../../src-shared/errors.ts';
import { hasRole, type ProcedureMeta, type Role } from '../../src-shared/contract/procedure.ts';
import type { Services } from '../services.ts';

/** Who calls, decided by the host when the transport was opened; nothing of it comes from the page. */
export type CallContext = { services: Services; role: Role };

/** Runs before the input is even parsed. A procedure that declares no role is denied to everybody. */
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
