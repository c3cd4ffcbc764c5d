import { visibleText } from '../../../src-shared/base/machineText.ts';

/** A title or label as the kit sets it: it may name what a machine said, and must show what is hidden in that. */
export function shownTitle(text: string | undefined): string | undefined {
  return text === undefined ? undefined : visibleText(text);
}
