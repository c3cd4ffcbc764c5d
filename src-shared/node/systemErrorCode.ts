/**
 * The `code` of a system error, e.g. `ENOENT`, or the number that a protocol library stores there. Null for
 * other values.
 */
export function systemErrorCode(error: unknown): string | number | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' || typeof error.code === 'number' ? error.code : null;
}
