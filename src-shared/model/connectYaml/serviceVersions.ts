import { compareVersions as compare } from 'compare-versions';
import { repositoryServiceNames, repositoryServices, type RepositoryService } from './repositoryServices.ts';
import { createMemo } from '../../base/memo.ts';

export type OutdatedSide = { part: 'appliance' | 'connect'; has: string; needs: string };

/** Finds the version in a text, e.g. `1.14.4` in `v1.14.4-2 (stable)`. Null without a version. */
function versionIn(text: string): string | null {
  return /^\s*v?(\d{1,9}\.\d{1,9}(?:\.\d{1,9})?)(?![\d.])/u.exec(text)?.[1] ?? null;
}

/** Negative if `left` is older; null if either is not a version. */
export function compareVersions(left: string, right: string): number | null {
  const [older, newer] = [versionIn(left), versionIn(right)];
  return older === null || newer === null ? null : compare(older, newer);
}

type SideVersions = { appliance?: string | null | undefined; connect?: string | null | undefined };
const sides = ['appliance', 'connect'] as const;

/** Whether version `has` is older than `needs`. False if `has` is unknown or not a version. */
function isTooOld(has: string | null | undefined, needs: string): has is string {
  const difference = has == null ? null : compareVersions(has, needs);
  return difference !== null && difference < 0;
}

/** Lists the sides, appliance or Connect, that are too old for `service`. */
export function findTooOldSides(service: RepositoryService, versions: SideVersions): OutdatedSide[] {
  return sides.flatMap((part) => {
    const has = versions[part];
    const needs = repositoryServices[service].minVersions[part];
    return isTooOld(has, needs) ? [{ part, has, needs }] : [];
  });
}

const memo = createMemo<'any', boolean>();

/**
 * Whether a side is too old for any service. Caches the last result, because the tunnels of a tenant are
 * checked in a row.
 */
export function isTooOldForAny(versions: SideVersions): boolean {
  return memo.get('any', [versions.appliance, versions.connect], () =>
    repositoryServiceNames.some((service) => findTooOldSides(service, versions).length > 0),
  );
}
