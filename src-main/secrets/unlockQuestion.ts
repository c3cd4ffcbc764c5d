/** Asks the user on this computer to unlock the vault. Resolves with false if the user does not. */
export type AskUnlock = () => Promise<boolean>;

/**
 * The one question to unlock the vault that all waiting sign-ins share. It is asked on the terminal by `ask`, or on the
 * page, which shows it while `waiting` is above zero.
 */
export function createUnlockQuestion(options: { ask: AskUnlock | null; onChange: () => void }) {
  let open: { answer: PromiseWithResolvers<boolean>; waiting: number } | null = null;

  function settle(isUnlocked: boolean): void {
    const ended = open;
    open = null;
    ended?.answer.resolve(isUnlocked);
    if (ended !== null) options.onChange();
  }

  function start() {
    const answer = Promise.withResolvers<boolean>();
    if (options.ask !== null)
      options.ask().then(settle, (thrown: unknown) => {
        open = null;
        answer.reject(thrown);
      });
    return { answer, waiting: 0 };
  }

  return {
    /** Resolves with true once the vault is unlocked, or with false once the question was dismissed. */
    wait: (): Promise<boolean> => {
      open ??= start();
      open.waiting += 1;
      options.onChange();
      return open.answer.promise;
    },
    waiting: (): number => open?.waiting ?? 0,
    settle,
  };
}
