import { useRouter } from '@tanstack/react-router';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { z } from 'zod';
import { readView, writeView } from './views.ts';

/** Goes to a place; `replace` if going back should not lead here again. */
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
 * What the page shows, as its address says, and how to change it; `push` makes the change a step that Back undoes.
 * Read from the history, not from the router: the router draws later, and a field would lose what is typed meantime.
 */
export function useView<Shape extends Readonly<Record<string, string>>>(schema: z.ZodType<Shape>) {
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
