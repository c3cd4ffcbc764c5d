import { useRouter } from '@tanstack/react-router';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { z } from 'zod';
import { readView, writeView } from './views.ts';

/** Returns a function that opens a place. With `replace`, Back does not return to the current page. */
export function useNavigateTo(): (place: string, options?: { replace?: boolean }) => void {
  const { history } = useRouter();
  return useCallback(
    (place, options) => {
      if (options?.replace) history.replace(place);
      else history.push(place);
    },
    [history],
  );
}

/**
 * The page's view from its address, and a function to change it; with `push`, Back undoes the change. Read from the
 * history instead of the router, because the router renders later and a field would lose typed characters.
 */
export function useViewState<Shape extends Readonly<Record<string, string>>>(schema: z.ZodType<Shape>) {
  const { history } = useRouter();
  const search = useSyncExternalStore(history.subscribe, () => history.location.search);
  const view = useMemo(() => readView(schema, search), [schema, search]);
  const changeView = useCallback(
    (change: Partial<Shape>, options: { push?: boolean } = {}) => {
      const { pathname, search: current } = history.location;
      const place = `${pathname}${writeView(schema, { ...readView(schema, current), ...change })}`;
      if (options.push) history.push(place);
      else history.replace(place);
    },
    [history, schema],
  );
  return [view, changeView] as const;
}
