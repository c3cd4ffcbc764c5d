import { type RefObject, useEffect, useRef } from 'react';

/** Handles Esc inside the element and stops the event, because the page would also handle it. */
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
