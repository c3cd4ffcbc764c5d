import { dirname } from 'node:path';
import { formatCount } from '../../../src-shared/base/formatCount.ts';
import { shorten } from '../../../src-shared/base/machineText.ts';
import { formatInstant } from '../../../src-shared/base/time.ts';
import type { LicencePayload } from '../../../src-shared/model/licence/licence.ts';
import { forecastItemSchema, type ForecastItem } from '../../../src-shared/model/licence/licenceCommands.ts';
import {
  describeClockDifference,
  describeReset,
  maxClockDifferenceMs,
} from '../../../src-shared/model/licence/clockProblems.ts';
import type { Appliance } from '../appliance.ts';
import { describeObstacle } from '../storageFindings.ts';
import type { ClockReading } from './clock.ts';
import { listConnectorUses, type ConnectorUse } from './licenceUse.ts';

type Finding = Omit<ForecastItem, 'item'>;

const maxDetail = forecastItemSchema.shape.detail.maxLength ?? 512;
/** More ports are counted, not named. */
const maxNamedPorts = 8;

/** This kit does not count accounts **[ours]**. */
function forecastAccounts(licence: LicencePayload): Finding {
  const { accounts } = licence.entitlements;
  return accounts === null
    ? { outcome: 'fits', detail: 'unlimited accounts' }
    : {
        outcome: 'unknown',
        detail: `${formatCount(accounts)} accounts permitted; this kit does not count the accounts in use`,
      };
}

function forecastConnectors(licence: LicencePayload, uses: readonly ConnectorUse[]): Finding {
  const granted: ReadonlySet<string> = new Set(licence.entitlements.connectors);
  const lost = uses.filter(({ connector }) => !granted.has(connector));
  if (lost.length === 0)
    return { outcome: 'fits', detail: 'every connector that a tenant uses is permitted' };
  const named = lost
    .slice(0, maxNamedPorts)
    .map(({ connector, clientId, port }) => `${connector} of ${clientId} on port ${port}`);
  const more = lost.length > named.length ? ` and ${lost.length - named.length} more` : '';
  return { outcome: 'warning', detail: `not permitted, but in use: ${named.join(', ')}${more}` };
}

/** The clock with what the answer tells about it. */
type ClockFacts = ClockReading & {
  /** The answer corrects a high-water mark that a wrong clock has set. */
  isReset: boolean;
  request: { madeAt: string } | null;
};

/** How the clock differs from the licence authority's, which signed the answer between the request and now. */
function compareWithAuthority({ now, request }: ClockFacts, issuedAt: number): string | null {
  const madeAt = request === null ? -Infinity : Date.parse(request.madeAt);
  const aheadMs = madeAt - issuedAt;
  const behindMs = issuedAt - now;
  const differenceMs = Math.max(aheadMs, behindMs);
  if (differenceMs <= maxClockDifferenceMs) return null;
  return describeClockDifference(aheadMs > behindMs ? aheadMs : -behindMs, 'the licence authority’s');
}

function forecastClock(clock: ClockFacts, { issuedAt }: LicencePayload): Finding {
  const { damage, ranBackFrom, aheadOf, trusted, isReset } = clock;
  if (damage !== null) return { outcome: 'refused', detail: damage };
  const from = ranBackFrom === null ? '' : formatInstant(ranBackFrom);
  if (isReset)
    return {
      outcome: 'warning',
      detail: `the latest time that the clock has shown, ${from}, was wrong; this answer corrects it to the licence authority’s time, ${formatInstant(issuedAt)}`,
    };
  const difference = compareWithAuthority(clock, Date.parse(issuedAt));
  if (ranBackFrom !== null)
    return {
      outcome: 'warning',
      detail: `the clock was set back from ${from}; that time is used instead. ${describeReset(from)}`,
    };
  if (difference !== null) return { outcome: 'warning', detail: `the clock is ${difference}; correct it` };
  if (aheadOf !== null)
    return {
      outcome: 'warning',
      detail: `the clock was set ahead; by the uptime it should show ${formatInstant(aheadOf)}`,
    };
  return { outcome: 'fits', detail: formatInstant(new Date(trusted).toISOString()) };
}

async function forecastDisk(paths: readonly string[]): Promise<Finding> {
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const effect = 'the licence cannot be stored';
    const obstacle = await describeObstacle({ folder, effect, reserveEffect: null });
    if (obstacle !== null) return { outcome: 'refused', detail: `${folder} ${obstacle}` };
  }
  return { outcome: 'fits', detail: 'there is space for the licence' };
}

/**
 * What to expect if the licence is applied now. `written` are the files that it replaces. `hasLock`: this command holds
 * the lock.
 */
export async function forecastLicence(
  appliance: Appliance,
  facts: { licence: LicencePayload; clock: ClockFacts; written: readonly string[]; hasLock: boolean },
): Promise<ForecastItem[]> {
  const { licence, clock, written, hasLock } = facts;
  const findings: Record<ForecastItem['item'], Finding> = {
    accounts: forecastAccounts(licence),
    connectors: forecastConnectors(licence, await listConnectorUses(appliance)),
    clock: forecastClock(clock, licence),
    disk: await forecastDisk(written),
    lock: hasLock
      ? { outcome: 'fits', detail: 'no other command changes the appliance' }
      : { outcome: 'warning', detail: 'another command holds the lock; an import would wait for it' },
  };
  return forecastItemSchema.shape.item.options.map((item) => {
    const { outcome, detail } = findings[item];
    return { item, outcome, detail: shorten(detail, maxDetail) };
  });
}
