import { type RefObject, useEffect, useRef } from 'react';

/** Esc inside the element leaves it, and goes no further: the page would leave its table by the same key. */
export function useEscape<Element extends HTMLElement = HTMLDivElement>(
  onEscape: (element: Element) => void,
): RefObject<Element | null> {
  const element = useRef<Element>(null);
  const latest = useRef(onEscape);
  useEffect(() => {
    latest.current = onEscape;
  });
  useEffect(() => {
    const place = element.current;
    const onKeyDown = (event: KeyboardEvent): void => {
      const isInMenu = event.target instanceof HTMLElement && event.target.closest('[role="menu"]') !== null;
      if (event.key !== 'Escape' || isInMenu) return;
      event.stopPropagation();
      if (place !== null) latest.current(place);
    };
    place?.addEventListener('keydown', onKeyDown);
    return () => place?.removeEventListener('keydown', onKeyDown);
  }, []);
  return element;
}
