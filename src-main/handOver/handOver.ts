import { AppError } from '../../src-shared/errors.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Inventory } from '../inventory/inventory.ts';

export type HandOverRequest = {
  applianceId: string;
  clientId: string;
  address: string;
  runs: 'container' | 'service' | 'openssh';
  repositories: readonly { group: string; repository: string; uri: string }[];
};
export type HandOver = {
  files: { name: string; text: string; sha256: string }[];
  archive: { name: string; base64: string };
};

/** Files for a new tenant's site. Throws NOT_FOUND, INVALID_INPUT. */
export function createHandOver(_options: {
  inventory: Inventory;
  fleet: Fleet;
  clock: () => number;
}): (request: HandOverRequest) => HandOver {
  return () => {
    throw new AppError('INTERNAL', 'not there yet');
  };
}
