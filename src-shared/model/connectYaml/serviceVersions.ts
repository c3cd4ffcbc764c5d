import type { RepositoryService } from './connectYaml.ts';

/** The least versions that each service needs on both sides **[doc]**. */
export const serviceVersions = {
  smb: { appliance: '1.8.3', connect: '1.0.0' },
  webdav: { appliance: '1.8.3', connect: '1.0.0' },
  cq5: { appliance: '1.8.3', connect: '1.0.0' },
  cmis: { appliance: '1.14.4', connect: '1.0.0' },
  alfresco: { appliance: '1.14.4', connect: '1.0.0' },
} as const satisfies Record<RepositoryService, { appliance: string; connect: string }>;

export type TooOld = { part: 'appliance' | 'connect'; has: string; needs: string };

/** `1.14.4` of `v1.14.4-2 (stable)`; null where no version is recognised. */
function readVersion(text: string): readonly [number, number, number] | null {
  const match = /^\s*v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?![\d.])/u.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Negative where `left` is the older one; null where one of them is no version. */
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

/** Whether `has` is older than `needs`. A version that is unknown or no version is not judged. */
function isTooOld(has: string | null | undefined, needs: string): has is string {
  const difference = has == null ? null : compareVersions(has, needs);
  return difference !== null && difference < 0;
}

/** Which sides are too old for `service`. */
export function tooOldFor(service: RepositoryService, versions: SideVersions): TooOld[] {
  return sides.flatMap((part) => {
    const has = versions[part];
    const needs = serviceVersions[service][part];
    return isTooOld(has, needs) ? [{ part, has, needs }] : [];
  });
}

let lastAsked: { versions: SideVersions; isAny: boolean } | null = null;

/** Whether a side is too old for any service. Keeps its last answer: all tunnels of a tenant ask the same in a row. */
export function isTooOldForAny(versions: SideVersions): boolean {
  const known = lastAsked?.versions;
  if (lastAsked !== null && known?.appliance === versions.appliance && known?.connect === versions.connect)
    return lastAsked.isAny;
  const isAny = Object.values(serviceVersions).some((needs) =>
    sides.some((part) => isTooOld(versions[part], needs[part])),
  );
  lastAsked = { versions, isAny };
  return isAny;
}
