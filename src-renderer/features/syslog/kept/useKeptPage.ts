import { useEffect, useMemo } from 'react';
import { useViewState } from '../../../state/navigate.ts';
import { views } from '../../../state/views.ts';
import type { LogSource } from '../../fleet/queries.ts';
import { chooseNames } from '../applianceChoice.tsx';
import { useListLook } from './KeptCard.tsx';
import { skewText } from './KeptRowView.tsx';
import { textsOf } from './queryText.ts';
import { useGaps } from './useGaps.ts';
import { useHeldPlace, useKeptRows, useShownPlace } from './useKeptRows.ts';
import { useKeptSearch } from './useKeptSearch.ts';
import { useLastLooked } from './useLastLooked.ts';

/** The search of the address: what is chosen, found and marked. `applianceName` chooses one for the start. */
export function useKeptPage({
  appliances,
  applianceName,
}: {
  appliances: readonly LogSource[];
  applianceName: string | null;
}) {
  const [view, changeView] = useViewState(views.syslog);
  const names = useMemo(() => appliances.map(({ name }) => name), [appliances]);
  const chosenNames = chooseNames({ names, from: view.from, applianceName });
  const applianceIds = appliances.flatMap(({ id, name }) => (chosenNames.includes(name) ? id : []));
  const { placeToKeep, holdPlace } = useHeldPlace();
  const { find: text, range, span } = view;
  const kept = useKeptSearch({ text, range, span, applianceIds, placeToKeep });
  const { window, snapshot, query, checked, search } = kept;
  const { lines, isFollowing } = snapshot;
  const gaps = useGaps(applianceIds, search ?? { from: null, to: null });
  const lastLooked = useLastLooked(lines.at(-1)?.kept.key ?? null, isFollowing && search?.to === null);
  const hasSkew = useMemo(() => lines.some(({ kept: { skewMs } }) => skewText(skewMs) !== ''), [lines]);
  const look = useListLook(hasSkew);
  const { isFolding } = look;
  const list = useKeptRows({ snapshot, gaps, lastLooked, isFolding, onChoose: window.pause });
  const noteTop = useShownPlace(snapshot, list.choice, holdPlace);
  const chosenId = list.choice.shown?.id ?? '';
  useEffect(() => {
    if (chosenId !== '') changeView({ line: chosenId });
  }, [chosenId, changeView]);
  const clear = (): void => {
    list.choice.clear();
    changeView({ line: '' });
  };
  const marks = useMemo(() => textsOf(checked.parsed?.query ?? query), [checked, query]);
  return {
    ...kept,
    ...list,
    choice: { ...list.choice, clear },
    view,
    changeView,
    names,
    chosenNames,
    gaps,
    look,
    marks,
    noteTop,
  };
}
export type KeptPage = ReturnType<typeof useKeptPage>;

/** What to say while no line is shown; null if there are lines. */
export function describeNothing({
  snapshot: { lines, isLoading, error },
  chosenNames,
  view,
  isCancelled,
}: Pick<KeptPage, 'snapshot' | 'chosenNames' | 'view' | 'isCancelled'>): string | null {
  if (lines.length > 0 || error !== null) return null;
  if (chosenNames.length === 0) return 'Choose an appliance above.';
  if (isLoading) return 'Searching…';
  if (isCancelled) return 'The search was cancelled.';
  return view.find.trim() === '' && view.range === '' ? 'No lines are kept yet.' : 'No matching lines.';
}
