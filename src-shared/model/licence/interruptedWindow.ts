import type { WindowResult, WindowView } from './connectedWindow.ts';

const resultTexts: Partial<Record<WindowResult, string>> = {
  renewed: 'The licence was renewed by it.',
  failed: 'The licence is the same as before it.',
};

/** What became of a window whose console ended while it was open. Null if the window ended in another way. */
export function describeInterrupted({ finished }: Pick<WindowView, 'finished'>): string | null {
  if (finished?.failure == null) return null;
  const { failure, result, installed } = finished;
  const sequence = installed?.sequence == null ? '' : ` Sequence ${installed.sequence} is installed.`;
  return `${failure.message} ${resultTexts[result] ?? ''}${sequence}`.trim();
}
