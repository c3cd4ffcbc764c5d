import { oc } from '@orpc/contract';
import { z } from 'zod';

/** Each role has its own rights and those of the roles before it. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** `role` is the lowest role that may call a procedure. A procedure without a role is denied to all. */
export type ProcedureMeta = { role?: Role };

export function hasRole(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed);
}

/** Starts a procedure of the contract: `procedure('viewer').input(…).output(…)`. */
export function procedure(role: Role) {
  return oc.$meta<ProcedureMeta>({}).meta({ role });
}

export const nothing = z.strictObject({});
