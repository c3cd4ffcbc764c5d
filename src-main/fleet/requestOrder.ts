/**
 * Decides which answers may be stored if requests overlap: not an answer that arrives after the answer to a
 * later request of its kind, and none from a machine that was replaced since the request.
 */
export function createRequestOrder() {
  /**
   * Identifies the machine that is polled for an appliance. When another machine replaces it, or the
   * appliance is removed, the symbol is replaced, and answers to earlier requests are ignored.
   */
  const epochs = new Map<string, symbol>();
  /** Maps each appliance to the number of its latest answered request of each kind. */
  const lastAnswered = new Map<string, Map<string, number>>();
  let requestCount = 0;
  let closed = false;

  /**
   * Returns a function that says whether the console was closed or the appliance was replaced since this
   * call.
   */
  function isOutdated(applianceId: string): () => boolean {
    const epoch = epochs.get(applianceId) ?? Symbol(applianceId);
    epochs.set(applianceId, epoch);
    return () => closed || epochs.get(applianceId) !== epoch;
  }

  return {
    isOutdated,
    /**
     * Numbers a request and returns a function that says whether its answer may be stored: false if a later
     * request was answered first.
     */
    beginRequest: (applianceId: string, kind: string): (() => boolean) => {
      const number = (requestCount += 1);
      const isLate = isOutdated(applianceId);
      return () => {
        const answered = lastAnswered.get(applianceId) ?? new Map<string, number>();
        if (isLate() || number < (answered.get(kind) ?? 0)) return false;
        lastAnswered.set(applianceId, answered.set(kind, number));
        return true;
      };
    },
    /**
     * Ignores answers to earlier requests, because the appliance was removed or another machine replaced it.
     */
    restart: (applianceId: string): void => {
      epochs.delete(applianceId);
      lastAnswered.delete(applianceId);
    },
    close: (): void => {
      closed = true;
    },
  };
}
