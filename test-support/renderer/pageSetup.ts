import { notifications } from '@mantine/notifications';
import { cleanup, configure, prettyDOM } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

/**
 * Adds what jsdom lacks: layout, media queries, observers. Import this file first in every test of the page.
 */
const placeSize = { width: 1200, height: 800 };

class NoResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

vi.stubGlobal('ResizeObserver', NoResizeObserver);
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
}));
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => placeSize.height });
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { get: () => placeSize.width });
// A pop-up hides when the element that it belongs to is out of view; an element without size counts as out of view.
Element.prototype.getBoundingClientRect = () => new DOMRect(10, 10, 100, 20);
HTMLElement.prototype.scrollTo = () => undefined;
globalThis.scrollTo = () => undefined;
HTMLElement.prototype.scrollIntoView = () => undefined;
// The text editor measures its lines.
Range.prototype.getClientRects = () => document.createElement('i').getClientRects();
Range.prototype.getBoundingClientRect = () => new DOMRect();

// A library warns with an element, which leads to the whole page. Printing that takes up to a minute on a busy computer.
const { warn } = globalThis.console;
globalThis.console.warn = (...words: unknown[]) =>
  warn(...words.map((word) => (word instanceof Node ? `<${word.nodeName.toLowerCase()}>` : word)));

/**
 * The library's own error, but it prints the page only when its message is read. `findBy` throws such errors at each
 * look and reads none but the last.
 */
function getElementError(text: string | null, container: Element): Error {
  const error = new Error(text ?? '');
  error.name = 'TestingLibraryElementError';
  return Object.defineProperty(error, 'message', {
    configurable: true,
    get: () => [text, prettyDOM(container)].filter(Boolean).join('\n\n'),
  });
}

// Ends only tests that hang, because a page takes long to render on a busy computer.
configure({ asyncUtilTimeout: 60_000, getElementError });
afterEach(() => {
  cleanup();
  // Remove pop-ups between tests, because they are kept outside the page's tree and only a few are shown at a
  // time.
  notifications.clean();
});
