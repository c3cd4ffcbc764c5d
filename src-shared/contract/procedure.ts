import { oc } from '@orpc/contract';
import { z } from 'zod';

/** Rights grow from left to right; who may do more may do all before it. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** `role` is the least role that may call a procedure. One that declares none is denied to everybody. */
export type ProcedureMeta = { role?: Role };

export function hasRole(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed);
}

/** Where every procedure of the contract starts: `procedure('viewer').input(…).output(…)`. */
export function procedure(role: Role) {
  return oc.$meta<ProcedureMeta>({}).meta({ role });
}

export const nothing = z.strictObject({});
