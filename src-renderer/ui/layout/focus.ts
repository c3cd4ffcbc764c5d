import { type RefObject, useEffect, useRef } from 'react';

let isHeadingWanted = false;

function focusHeading(heading: HTMLElement | null | undefined): void {
  heading?.focus({ preventScroll: true });
}

/**
 * Moves the focus to the page's heading after a navigation to another page, so that a screen reader says where it is.
 * `page` is the same for all addresses of a page; the first page leaves the focus alone.
 */
export function usePageFocus(page: string): void {
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return undefined;
    shown.current = page;
    isHeadingWanted = true;
    const main = document.querySelector('main');
    focusHeading(main?.querySelector('h1'));
    const release = (): void => {
      isHeadingWanted = false;
    };
    // A closing palette returns the focus shortly afterwards, so move the focus to the heading again.
    const keep = ({ target }: FocusEvent): void => {
      const isElsewhere = target instanceof HTMLElement && target.closest('main, [role="dialog"]') === null;
      if (isHeadingWanted && isElsewhere) focusHeading(main?.querySelector('h1'));
    };
    window.addEventListener('keydown', release, { capture: true });
    window.addEventListener('pointerdown', release, { capture: true });
    window.addEventListener('focusin', keep);
    return () => {
      window.removeEventListener('keydown', release, { capture: true });
      window.removeEventListener('pointerdown', release, { capture: true });
      window.removeEventListener('focusin', keep);
    };
  }, [page]);
}

/**
 * A ref for the heading of a page, which gets the focus if the page was just opened or its skeleton had the
 * focus.
 */
export function useHeadingFocus(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isHeadingWanted) focusHeading(heading.current);
  }, []);
  return heading;
}
