/** Ends a message from another program with a full stop, so that another sentence can follow. */
export function asSentence(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed === '' || /[.!?…:]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}
