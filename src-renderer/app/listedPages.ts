import { useEffect, useMemo } from 'react';
import { hasRole } from '../../src-shared/contract/procedure.ts';
import { useAbout } from '../features/system/queries.ts';
import { useNavigateTo } from '../state/navigate.ts';
import { isTyping } from '../ui/table/useTableKeys.ts';
import { pages } from './pages.tsx';

const listed = pages.flatMap(({ place, ...page }) => (place === null ? [] : { ...page, place }));
export type ListedPage = (typeof listed)[number];

/** The pages that the operator's role may open and that an address alone names. */
export function useListedPages(): readonly ListedPage[] {
  const held = useAbout().data?.role;
  return useMemo(() => listed.filter((page) => held === undefined || hasRole(held, page.role)), [held]);
}

/** How long after `g` a page's key still counts, milliseconds. */
const jumpMs = 1500;

/** `g`, then a page's key, goes there; not while a field or a dialog has the cursor. */
export function usePageKeys(): void {
  const navigateTo = useNavigateTo();
  const listedPages = useListedPages();
  useEffect(() => {
    let jumpUntil = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const isJump = event.timeStamp < jumpUntil;
      jumpUntil = event.key === 'g' ? event.timeStamp + jumpMs : 0;
      const page = isJump ? listedPages.find(({ key }) => key === event.key) : undefined;
      if (page === undefined) return;
      // The table under the cursor knows some of these keys, too.
      event.preventDefault();
      event.stopPropagation();
      navigateTo(page.place);
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [listedPages, navigateTo]);
}

/** Loads the code of the usual pages once the first one is drawn: they open at once, even while the console is away. */
export function usePagesPreloaded(): void {
  useEffect(() => {
    const preload = (): void => {
      // A page that can't be loaded now is tried again when it is opened, and says so there.
      for (const page of pages) if (page.isLoadedOnOpen !== true) page.preload().catch(() => undefined);
    };
    if (!('requestIdleCallback' in window)) {
      const timer = setTimeout(preload, 1000);
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(preload);
    return () => cancelIdleCallback(handle);
  }, []);
}
