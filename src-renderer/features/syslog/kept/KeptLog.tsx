import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { useViewState } from '../../../state/navigate.ts';
import { hrefOf } from '../../../state/places.ts';
import { views, writeView } from '../../../state/views.ts';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { Split } from '../../../ui/layout/Split.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import type { LogSource } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import { ApplianceChips, chooseNames, useNameOf, ViewChips } from '../applianceChoice.tsx';
import { readBars } from './bars.ts';
import { ContextBox } from './ContextBox.tsx';
import { Histogram } from './Histogram.tsx';
import { KeptCard, useListLook } from './KeptCard.tsx';
import { KeptDetail } from './KeptDetail.tsx';
import { KeptList } from './KeptList.tsx';
import { describeFound, describeReading, FollowButton, KeptNotices } from './KeptState.tsx';
import { useKnownValues } from './knownValues.ts';
import { buildRows, foldOf } from './keptRows.ts';
import { useNotes } from './notes.ts';
import { BookmarksDrawer, FiltersDrawer } from './NotesDrawers.tsx';
import { QueryField } from './QueryField.tsx';
import { QueryHelp } from './QueryHelp.tsx';
import { textsOf } from './queryText.ts';
import { skewText } from './KeptRowView.tsx';
import { addressText } from './shownLine.ts';
import { readSpan, usualRanges, writeSpan } from './timeRange.ts';
import { useGaps } from './useGaps.ts';
import { useGoTo } from './useGoTo.ts';
import { useKeptChoice } from './useKeptChoice.ts';
import { copyChosen, useKeptKeys } from './useKeptKeys.ts';
import { useKeptSearch } from './useKeptSearch.ts';
import { useLastLooked } from './useLastLooked.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './kept.module.css';

type Props = { appliances: readonly LogSource[]; applianceName: string | null };

/** Copies a link to the page with its query and the selected line. */
function copyLink(search: string): void {
  const { origin, pathname, hash } = location;
  const path = hash.replace(/^#/u, '').replace(/\?.*$/u, '');
  copyText(`${origin}${pathname}${hrefOf(`${path}${search}`)}`, 'Link copied');
}

/** The search of the address: what is chosen, found, marked and noted. */
function useKeptPage({ appliances, applianceName }: Props) {
  const [view, changeView] = useViewState(views.syslog);
  const names = useMemo(() => appliances.map(({ name }) => name), [appliances]);
  const chosenNames = chooseNames({ names, from: view.from, applianceName });
  const applianceIds = appliances.flatMap(({ id, name }) => (chosenNames.includes(name) ? id : []));
  const place = useRef<LineKey | null>(null);
  const kept = useKeptSearch({
    text: view.find,
    range: view.range,
    span: view.span,
    applianceIds,
    placeToKeep: useCallback(() => place.current, []),
  });
  const { window, snapshot, query, checked, search } = kept;
  const { lines } = snapshot;
  const gaps = useGaps(applianceIds, search ?? { from: null, to: null });
  const lastLooked = useLastLooked(
    lines.at(-1)?.kept.key ?? null,
    snapshot.isFollowing && search?.to === null,
  );
  const hasSkew = useMemo(() => lines.some(({ kept: { skewMs } }) => skewText(skewMs) !== ''), [lines]);
  const look = useListLook(hasSkew);
  const [openFolds, setOpenFolds] = useState<ReadonlySet<string>>(new Set());
  const [contextOf, setContextOf] = useState<string | null>(null);
  const { hasOlder, hasNewer } = snapshot;
  const { isFolding } = look;
  const rows = useMemo(
    () => buildRows({ lines, gaps, lastLooked, hasOlder, hasNewer, isFolding, openFolds, contextOf }),
    [lines, gaps, lastLooked, hasOlder, hasNewer, isFolding, openFolds, contextOf],
  );
  const choice = useKeptChoice(rows, window.pause);
  const marks = useMemo(() => textsOf(checked.parsed?.query ?? query), [checked, query]);
  const toggleFold = useCallback(
    (id: string) =>
      setOpenFolds((open) => new Set(open.has(id) ? [...open].filter((one) => one !== id) : [...open, id])),
    [],
  );
  // A line that is gone to may be in closed repeats.
  const hidden = choice.head === null || choice.headRow !== null ? null : foldOf(rows, lines, choice.head);
  if (hidden !== null && !openFolds.has(hidden)) setOpenFolds(new Set([...openFolds, hidden]));
  const top = useRef<string | null>(null);
  useEffect(() => {
    const id = choice.headRow === null ? top.current : choice.head;
    const at = lines.find((shown) => shown.id === id) ?? lines[Math.floor(lines.length / 2)];
    place.current = snapshot.isFollowing || at === undefined ? null : at.kept.key;
  });
  const chosenId = choice.shown?.id ?? '';
  useEffect(() => {
    if (chosenId !== '') changeView({ line: chosenId });
  }, [chosenId, changeView]);
  const clear = (): void => {
    choice.clear();
    changeView({ line: '' });
  };
  const note = useCallback((id: string) => {
    top.current = id;
  }, []);
  return {
    ...kept,
    view,
    changeView,
    names,
    chosenNames,
    gaps,
    look,
    rows,
    choice: { ...choice, clear },
    marks,
    contextOf,
    setContextOf,
    toggleFold,
    noteTop: note,
  };
}

/** The search of all kept lines of the chosen appliances. `applianceName` chooses one for the start. */
export function KeptLog({ appliances, applianceName }: Props) {
  const page = useKeptPage({ appliances, applianceName });
  const { view, changeView, window, snapshot, checked, search, watched, counted, look, choice } = page;
  const nameOf = useNameOf(appliances);
  const mayNote = useMay('operator');
  const notes = useNotes().data?.notes;
  const [drawer, setDrawer] = useState<'filters' | 'bookmarks' | 'help' | null>(null);
  const { goTo, findError } = useGoTo({
    window,
    search,
    address: view.line,
    head: choice.head,
    choose: choice.choose,
  });
  const searchErrors = (direction: 'older' | 'newer'): void =>
    void findError(
      direction,
      choice.lines.at(-1)?.kept.key ?? (direction === 'older' ? null : (snapshot.lines[0]?.kept.key ?? null)),
    );
  const openRow = (): void => {
    if (choice.headRow?.kind === 'fold') page.toggleFold(choice.headRow.id);
    else if (choice.shown !== null)
      page.setContextOf(page.contextOf === choice.shown.id ? null : choice.shown.id);
  };
  const [isNoting, setIsNoting] = useState(false);
  useKeptKeys({
    choice,
    isFollowing: snapshot.isFollowing,
    follow: window.follow,
    pause: window.pause,
    findError: searchErrors,
    open: openRow,
    bookmark: () => setIsNoting(true),
    toggleWrap: look.toggleWrap,
    toggleFolding: look.toggleFolding,
    showHelp: () => setDrawer('help'),
  });
  const setQuery = (find: string, push = false): void => changeView({ find }, { push });
  const bars = counted.value?.histogram ? readBars(counted.value.histogram) : [];
  const valuesOf = useKnownValues({
    text: view.find,
    applianceIds: search?.applianceIds ?? [],
    applianceNames: page.names,
  });
  const { shown } = choice;
  const bookmarks = notes?.bookmarks ?? [];
  const link = () => copyLink(writeView(views.syslog, view));
  return (
    <>
      <PageHead title="Syslog">
        <ViewChips />
        <ApplianceChips appliances={appliances} chosenNames={page.chosenNames} />
        <span className={feedback.age} data-testid="reading">
          {describeReading(watched.value, nameOf)}
        </span>
        <GapChip gaps={page.gaps} onGo={(key) => void window.showAround(key)} />
        <div className={`${layout.row} ${layout.pageActions}`}>
          <Button onClick={() => setDrawer('filters')}>Saved filters</Button>
          <Button onClick={() => setDrawer('help')} title="Query help (F1)">
            Query help
          </Button>
          <FollowButton snapshot={snapshot} onPause={window.pause} onFollow={window.follow} />
        </div>
      </PageHead>
      <QueryField
        text={view.find}
        checked={checked}
        onChange={(find) => setQuery(find)}
        valuesOf={valuesOf}
        result={describeFound(counted.value)}
      >
        <CompactSelect
          label="Time"
          value={usualRanges.find(({ range }) => range === view.range)?.range ?? ''}
          options={usualRanges.map(({ range, text }) => ({ value: range, text }))}
          onChange={(range) => changeView({ range, span: '' }, { push: true })}
        />
      </QueryField>
      <KeptNotices
        state={watched.value}
        errors={[snapshot.error, watched.error]}
        nameOf={nameOf}
        onRetry={window.retry}
      />
      {bars.length === 0 ? null : (
        <Histogram
          bars={bars}
          gaps={page.gaps}
          selected={readSpan(view.span)}
          onSelect={(span) => changeView({ span: span === null ? '' : writeSpan(span) }, { push: true })}
        />
      )}
      <Split hasDetail={shown !== null}>
        <KeptCard
          look={look}
          findError={searchErrors}
          hasSpan={view.span !== ''}
          onClearSpan={() => changeView({ span: '' }, { push: true })}
          bookmarkCount={bookmarks.length}
          onBookmarks={() => setDrawer('bookmarks')}
          nothing={describeNothing(page)}
        >
          <KeptList
            rows={page.rows}
            isFollowing={snapshot.isFollowing}
            isWrapped={look.isWrapped}
            columns={look.columns}
            choice={choice}
            marks={page.marks}
            bookmarked={new Set(bookmarks.map(addressText))}
            nameOf={nameOf}
            renderContext={({ of }) => (
              <ContextBox
                of={of}
                name={nameOf(of.kept.applianceId)}
                columns={look.columns}
                marks={page.marks}
                onCopyLink={link}
                onClose={() => page.setContextOf(null)}
              />
            )}
            onOpenFold={page.toggleFold}
            onOpenContext={page.setContextOf}
            onPause={window.pause}
            onFollow={window.follow}
            onNearStart={window.loadOlder}
            onNearEnd={window.loadNewer}
            onTop={page.noteTop}
          />
        </KeptCard>
        {shown === null ? null : (
          <KeptDetail
            key={shown.id}
            shown={shown}
            name={nameOf(shown.kept.applianceId)}
            bookmark={bookmarks.find((one) => addressText(one) === shown.id) ?? null}
            mayNote={mayNote}
            isNoting={isNoting}
            onNoting={setIsNoting}
            onQuery={(find) => setQuery(find, true)}
            onContext={() => page.setContextOf(shown.id)}
            onCopyLink={link}
            onClose={choice.clear}
          />
        )}
      </Split>
      <ChoiceBar choice={choice} />
      {drawer === 'filters' ? (
        <FiltersDrawer
          filters={notes?.filters ?? []}
          query={view.find}
          mayNote={mayNote}
          onUse={(find) => {
            setDrawer(null);
            setQuery(find, true);
          }}
          onClose={() => setDrawer(null)}
        />
      ) : drawer === 'bookmarks' ? (
        <BookmarksDrawer
          bookmarks={bookmarks}
          nameOf={nameOf}
          onOpen={({ key }) => {
            setDrawer(null);
            void goTo(key);
          }}
          onClose={() => setDrawer(null)}
        />
      ) : drawer === 'help' ? (
        <QueryHelp
          onUse={(example) => setQuery(view.find.trim() === '' ? example : `${view.find.trim()} ${example}`)}
          onClose={() => setDrawer(null)}
        />
      ) : null}
    </>
  );
}

/** What to say while no line is shown; null if there are lines. */
function describeNothing({
  snapshot: { lines, isLoading, error },
  chosenNames,
  view,
}: Pick<ReturnType<typeof useKeptPage>, 'snapshot' | 'chosenNames' | 'view'>): string | null {
  if (lines.length > 0 || error !== null) return null;
  if (chosenNames.length === 0) return 'Choose an appliance above.';
  if (isLoading) return 'Searching…';
  return view.find.trim() === '' && view.range === '' ? 'No lines are kept yet.' : 'No matching lines.';
}

function GapChip({ gaps, onGo }: { gaps: ReturnType<typeof useGaps>; onGo: (key: LineKey) => void }) {
  const [last] = gaps.slice(-1);
  if (last === undefined) return null;
  return (
    <Button small onClick={() => onGo(last.key)} title="Go to the latest gap">
      <span className={feedback.word} data-tone="warn">
        {gaps.length} {gaps.length === 1 ? 'gap' : 'gaps'} in range
      </span>
    </Button>
  );
}

/** What can be done with the chosen lines; without any, the keys that matter here. */
function ChoiceBar({ choice }: { choice: ReturnType<typeof useKeptChoice> }) {
  const { length } = choice.lines;
  if (length === 0)
    return (
      <span className={`${feedback.age} ${styles.keys}`}>
        / query · ↑ ↓ select · Enter context · n p errors · Space pause · End follow · b bookmark · r repeats
        · w wrap · Ctrl+C copy
      </span>
    );
  return (
    <div className={layout.row}>
      <span className={feedback.age}>{length} selected</span>
      <Button small onClick={() => copyChosen(choice)}>
        Copy {length === 1 ? 'line' : 'lines'}
      </Button>
      <Button small kind="quiet" onClick={choice.clear}>
        Clear
      </Button>
    </div>
  );
}
