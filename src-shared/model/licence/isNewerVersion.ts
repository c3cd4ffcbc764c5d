function versionParts(version: string): number[] {
  return version.split('.').map(Number);
}

/** Whether version `needed` is newer than version `present`, both like `1.33.0`. */
export function isNewerVersion(needed: string, present: string): boolean {
  const have = versionParts(present);
  for (const [index, part] of versionParts(needed).entries()) {
    const difference = part - (have[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
