import type { Migration } from '../migrate.ts';
import { inventory } from './0001-inventory.ts';
import { observations } from './0002-observations.ts';
import { audit } from './0003-audit.ts';

/** In order; a released migration never changes. */
export const migrations: readonly Migration[] = [inventory, observations, audit];
