import { repositoryServiceNames, repositoryServices, type RepositoryService } from './repositoryServices.ts';
import { createMemo } from '../../base/memo.ts';

export type TooOld = { part: 'appliance' | 'connect'; has: string; needs: string };

/** `1.14.4` of `v1.14.4-2 (stable)`; null if it is not a version. */
function readVersion(text: string): readonly [number, number, number] | null {
  const match = /^\s*v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?![\d.])/u.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Negative if `left` is older; null if either is not a version. */
export function compareVersions(left: string, right: string): number | null {
  const leftParts = readVersion(left);
  const rightParts = readVersion(right);
  if (leftParts === null || rightParts === null) return null;
  for (const [index, part] of leftParts.entries()) {
    const difference = part - (rightParts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

type SideVersions = { appliance?: string | null | undefined; connect?: string | null | undefined };
const sides = ['appliance', 'connect'] as const;

/** Whether `has` is older than `needs`. False if `has` is unknown or not a version. */
function isTooOld(has: string | null | undefined, needs: string): has is string {
  const difference = has == null ? null : compareVersions(has, needs);
  return difference !== null && difference < 0;
}

/** The sides that are too old for `service`. */
export function tooOldFor(service: RepositoryService, versions: SideVersions): TooOld[] {
  return sides.flatMap((part) => {
    const has = versions[part];
    const needs = repositoryServices[service].minVersions[part];
    return isTooOld(has, needs) ? [{ part, has, needs }] : [];
  });
}

const memo = createMemo<'any', boolean>();

/** Whether a side is too old for any service. Keeps its last answer, as all tunnels of a tenant ask the same in a row. */
export function isTooOldForAny(versions: SideVersions): boolean {
  return memo.get('any', [versions.appliance, versions.connect], () =>
    repositoryServiceNames.some((service) => tooOldFor(service, versions).length > 0),
  );
}
