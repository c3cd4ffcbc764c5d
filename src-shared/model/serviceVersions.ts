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

/** Which sides are too old for `service`. A version that is unknown or no version is not judged. */
export function tooOldFor(
  service: RepositoryService,
  versions: { appliance?: string | null | undefined; connect?: string | null | undefined },
): TooOld[] {
  return (['appliance', 'connect'] as const).flatMap((part) => {
    const has = versions[part] ?? null;
    const needs = serviceVersions[service][part];
    const difference = has === null ? null : compareVersions(has, needs);
    return has !== null && difference !== null && difference < 0 ? [{ part, has, needs }] : [];
  });
}
