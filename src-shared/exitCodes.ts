/** Exit codes of `ke_*` commands **[ours]**. */
export const keExitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFoundOrThere: 3,
  notPermitted: 4,
  busy: 5,
  licenceForbids: 6,
  verificationFailed: 7,
} as const;
export type KeExitCode = keyof typeof keExitCodes;

/** Exit codes of `sallyport` commands **[ours]**. */
export const exitCodes = {
  ...keExitCodes,
  cannotConnect: 8,
  hostKey: 9,
  /** Two things that were compared differ. No error has this code. */
  differs: 10,
} as const;
export type ExitCode = keyof typeof exitCodes;
