import type { LogNotes } from '../../../../src-shared/model/syslog/logNotes.ts';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import type { LogSource } from '../../fleet/queries.ts';
import { useMay } from '../../system/queries.ts';
import { useNameOf } from '../applianceChoice.tsx';
import { readBars } from './bars.ts';
import { ChoiceBar } from './ChoiceBar.tsx';
import { ExportDialog } from './export/ExportDialog.tsx';
import { FoundCount } from './FoundCount.tsx';
import { FoundLines } from './FoundLines.tsx';
import { Histogram } from './Histogram.tsx';
import { KeptHead } from './KeptHead.tsx';
import { KeptNotices } from './KeptState.tsx';
import { useKnownValues } from './knownValues.ts';
import { useNotes } from './notes.ts';
import { BookmarksDrawer, FiltersDrawer } from './NotesDrawers.tsx';
import { QueryField } from './QueryField.tsx';
import { QueryHelp } from './QueryHelp.tsx';
import { readSpan, usualRanges, writeSpan } from './timeRange.ts';
import { type KeptActions, useKeptActions } from './useKeptActions.ts';
import { type KeptPage, useKeptPage } from './useKeptPage.ts';
import { WatchDrawer } from './watch/WatchDrawer.tsx';

const noNotes: Pick<LogNotes, 'bookmarks' | 'filters'> = { bookmarks: [], filters: [] };

/** The search of all kept lines of the chosen appliances. `applianceName` chooses one for the start. */
export function KeptLog(props: {
  appliances: readonly LogSource[];
  applianceName: string | null;
  /** Whether the query has the focus at the start. */
  takesFocus: boolean;
}) {
  const { appliances } = props;
  const page = useKeptPage(props);
  const actions = useKeptActions(page);
  const nameOf = useNameOf(appliances);
  const { bookmarks, filters } = useNotes().data?.notes ?? noNotes;
  const { snapshot, watched, window } = page;
  return (
    <>
      <KeptHead appliances={appliances} page={page} actions={actions} nameOf={nameOf} />
      <QueryBar page={page} actions={actions} takesFocus={props.takesFocus} />
      <KeptNotices
        state={watched.value}
        errors={[snapshot.error, watched.error]}
        nameOf={nameOf}
        onRetry={window.retry}
      />
      <CountedLines page={page} />
      <FoundLines page={page} actions={actions} bookmarks={bookmarks} nameOf={nameOf} />
      <ChoiceBar choice={page.choice} />
      <OpenDrawer page={page} actions={actions} notes={{ bookmarks, filters }} nameOf={nameOf} />
    </>
  );
}

function QueryBar({
  page,
  actions,
  takesFocus,
}: {
  page: KeptPage;
  actions: KeptActions;
  takesFocus: boolean;
}) {
  const { view, changeView } = page;
  const valuesOf = useKnownValues({
    text: view.find,
    applianceIds: page.search?.applianceIds ?? [],
    applianceNames: page.names,
  });
  return (
    <QueryField
      text={view.find}
      takesFocus={takesFocus}
      checked={page.checked}
      onChange={(find) => actions.setQuery(find)}
      valuesOf={valuesOf}
      onHelp={() => actions.setDrawer('help')}
      result={<FoundCount page={page} onSave={() => actions.setDrawer('save')} />}
    >
      <CompactSelect
        label="Time"
        value={usualRanges.find(({ range }) => range === view.range)?.range ?? ''}
        options={usualRanges.map(({ range, text }) => ({ value: range, text }))}
        onChange={(range) => changeView({ range, span: '' }, { push: true })}
      />
    </QueryField>
  );
}

function CountedLines({ page: { counted, spanCount, gaps, view, changeView } }: { page: KeptPage }) {
  const histogram = counted.value?.histogram ?? null;
  // Before the first line is kept, there is no time to show.
  const bars = histogram === null || histogram.to === 0 ? [] : readBars(histogram);
  return bars.length === 0 ? null : (
    <Histogram
      bars={bars}
      gaps={gaps}
      selected={readSpan(view.span)}
      selectedCount={spanCount}
      onSelect={(span) => changeView({ span: span === null ? '' : writeSpan(span) }, { push: true })}
    />
  );
}

function OpenDrawer({
  page: { view, search, chosenNames },
  actions: { drawer, setDrawer, setQuery, goTo },
  notes: { bookmarks, filters },
  nameOf,
}: {
  page: KeptPage;
  actions: KeptActions;
  notes: typeof noNotes;
  nameOf: (applianceId: string) => string;
}) {
  const mayNote = useMay('operator');
  const close = (): void => setDrawer(null);
  const text = view.find.trim();
  switch (drawer) {
    case 'filters':
    case 'save':
      return (
        <FiltersDrawer
          filters={filters}
          isSaving={drawer === 'save'}
          query={view.find}
          mayNote={mayNote}
          onUse={(find) => {
            close();
            setQuery(find, true);
          }}
          onClose={close}
        />
      );
    case 'bookmarks':
      return (
        <BookmarksDrawer
          bookmarks={bookmarks}
          nameOf={nameOf}
          onOpen={({ key }) => {
            close();
            void goTo(key);
          }}
          onClose={close}
        />
      );
    case 'help':
      return (
        <QueryHelp
          onUse={(example) => setQuery(text === '' ? example : `${text} ${example}`)}
          onClose={close}
        />
      );
    case 'export':
      return search === null ? null : <ExportDialog search={search} onClose={close} />;
    case 'watch':
      return (
        <WatchDrawer
          query={view.find}
          applianceIds={search?.applianceIds ?? []}
          applianceText={chosenNames.join(', ')}
          mayChange={mayNote}
          onClose={close}
        />
      );
    case null:
      return null;
  }
}
