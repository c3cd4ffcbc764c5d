/** Resolves, and aborts `signal`, on the first SIGINT or SIGTERM; a second one ends the process at once. */
export function stopSignal(): { reached: Promise<void>; signal: AbortSignal } {
  const controller = new AbortController();
  const reached = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.once(name, () => {
        controller.abort();
        resolve();
      });
  });
  return { reached, signal: controller.signal };
}
