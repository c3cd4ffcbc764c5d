import { useEffect, useMemo } from 'react';
import { hasRole } from '../../src-shared/contract/procedure.ts';
import { preloadCodeHelp } from '../features/codes/CodeHelp.tsx';
import { useConsoleInfo } from '../features/system/queries.ts';
import { useNavigateTo } from '../state/navigate.ts';
import { setView } from '../state/viewState.ts';
import { useKeys } from '../ui/keyboard/keys.ts';
import { openPalette } from '../ui/layout/CommandPalette.tsx';
import { pages } from './pages.tsx';

const listed = pages.flatMap(({ place, ...page }) => (place === null ? [] : { ...page, place }));
export type MenuPage = (typeof listed)[number];

/** The pages that the operator's role may open and that need no parameters in the address. */
export function useMenuPages(): readonly MenuPage[] {
  const held = useConsoleInfo().data?.role;
  return useMemo(() => listed.filter((page) => held === undefined || hasRole(held, page.role)), [held]);
}

/** Registers Ctrl+K, `?`, and `g` followed by the key of a page. */
export function useAppKeys(): void {
  const navigateTo = useNavigateTo();
  const everywhere = { group: 'Everywhere' } as const;
  useKeys([
    { ...everywhere, keys: ['Mod+K'], text: 'Search and commands', run: openPalette },
    { ...everywhere, keys: ['?'], text: 'Keyboard shortcuts', run: () => setView({ showingKeys: true }) },
    ...useMenuPages().flatMap(({ key, title, place }) =>
      key === undefined
        ? []
        : [{ keys: [`g ${key}`], group: 'Go to', text: title, run: () => navigateTo(place) } as const],
    ),
  ]);
}

/**
 * Preloads the code of the usual pages after the first one is rendered, so that they open at once even while the
 * console is unreachable.
 */
export function usePagesPreloaded(): void {
  useEffect(() => {
    const preload = (): void => {
      // Ignore failures: opening the page loads its code again and shows the error there.
      for (const page of pages) if (page.isLoadedOnOpen !== true) page.preload().catch(() => undefined);
      preloadCodeHelp().catch(() => undefined);
    };
    if (!('requestIdleCallback' in window)) {
      const timer = setTimeout(preload, 1000);
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(preload);
    return () => cancelIdleCallback(handle);
  }, []);
}
