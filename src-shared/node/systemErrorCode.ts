/** `code` of a system error (`ENOENT`), or the number that a protocol library sets there; null for any other value. */
export function systemErrorCode(error: unknown): string | number | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' || typeof error.code === 'number' ? error.code : null;
}
