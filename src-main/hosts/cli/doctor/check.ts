/**
 * The result of a check. `ok` means that the evidence proves it. `not checked` means that the check could not
 * run.
 */
export type Check = {
  about: 'this computer' | 'appliance';
  name: string;
  state: 'ok' | 'warn' | 'bad' | 'not checked';
  evidence: string;
  /** What to do next. Null if nothing needs to be done. */
  advice: string | null;
};

export type Finding = Pick<Check, 'state' | 'evidence' | 'advice'>;

export const okResult = (evidence: string): Finding => ({ state: 'ok', evidence, advice: null });
export const warningResult = (evidence: string, advice: string): Finding => ({
  state: 'warn',
  evidence,
  advice,
});
export const failedResult = (evidence: string, advice: string): Finding => ({
  state: 'bad',
  evidence,
  advice,
});
export const notCheckedResult = (evidence: string, advice: string | null = null): Finding => ({
  state: 'not checked',
  evidence,
  advice,
});

/** Checks the free space of a disk, with the same limits for this computer and for appliances. */
export function diskFinding(disk: { freeBytes: number; totalBytes: number }, what: string): Finding {
  const megabytes = Math.round(disk.freeBytes / 1e6);
  const percent = disk.totalBytes === 0 ? 100 : Math.floor((disk.freeBytes / disk.totalBytes) * 100);
  const evidence = `${what}: ${megabytes} MB free, ${percent} %`;
  if (disk.totalBytes === 0) return notCheckedResult(`${what}: size unknown`);
  if (megabytes < 100)
    return failedResult(evidence, 'Free some space. Until then, changes and audit records will fail.');
  return percent < 10 ? warningResult(evidence, 'Free some space soon.') : okResult(evidence);
}
