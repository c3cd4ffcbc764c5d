import { repositoryServiceNames } from '../../src-shared/model/connectYaml/repositoryServices.ts';
import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import type { Random } from './random.ts';
import { randomUUID } from 'node:crypto';
import { dayMs, hourMs } from '../../src-shared/base/time.ts';

function block(random: Random): string {
  return random.between(0, 0xffff).toString(16).toUpperCase().padStart(4, '0');
}

/** A one-year licence with `daysLeft` whole days and some hours left. */
export function planLicence(options: {
  applianceId: string;
  daysLeft: number;
  random: Random;
  now: number;
}): LicencePayload {
  const { applianceId, daysLeft, random, now } = options;
  const expires = now + daysLeft * dayMs + 6 * hourMs;
  const issued = new Date(expires - 365 * dayMs).toISOString();
  return {
    format: 1,
    id: randomUUID(),
    applianceId,
    key: ['SP', block(random), block(random), block(random), block(random)].join('-'),
    sequence: random.between(4, 18),
    issuedAt: issued,
    notBefore: issued,
    expiresAt: new Date(expires).toISOString(),
    graceDays: 14,
    minVersion: '1.30.0',
    entitlements: {
      accounts: 5000,
      connectors: [...repositoryServiceNames],
      plan: 'per-user',
      internalDevelopment: false,
    },
    request: null,
    configuration: null,
  };
}
