import { visibleText } from '../../../src-shared/base/machineText.ts';

/** A title or label for the component library. It may contain a machine's text, so hidden characters become visible. */
export function safeTitle(text: string | undefined): string | undefined {
  return text === undefined ? undefined : visibleText(text);
}
