import { visibleText } from '../../../src-shared/base/machineText.ts';

/**
 * Prepares a title or label for the component library. The text may come from a remote machine, so hidden
 * characters are made visible.
 */
export function safeTitle(text: string | undefined): string | undefined {
  return text === undefined ? undefined : visibleText(text);
}
