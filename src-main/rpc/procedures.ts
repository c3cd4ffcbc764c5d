import { implement } from '@orpc/server';
import { contract } from '../../src-shared/contract/index.ts';
import { requireRole, type CallContext } from './context.ts';

/** The procedures of the contract, each of which checks the caller's role first. */
export const procedures = implement(contract).$context<CallContext>().use(requireRole);
