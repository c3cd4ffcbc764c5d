import { type ReactNode, useState } from 'react';
import type { Bookmark } from '../../../../src-shared/model/syslog/logNotes.ts';
import { Split } from '../../../ui/layout/Split.tsx';
import { useMay } from '../../system/queries.ts';
import { isWholeRead } from '../../tenants/story/isWholeRead.ts';
import { ContextBox } from './ContextBox.tsx';
import { FacetPanel } from './facets/FacetPanel.tsx';
import { GapDetail } from './GapDetail.tsx';
import { KeptCard } from './KeptCard.tsx';
import { KeptDetail } from './KeptDetail.tsx';
import { KeptList } from './KeptList.tsx';
import type { ShownLine } from './shownLine.ts';
import { addressText } from './shownLine.ts';
import { TenantDetail, useSearchedTenants } from './TenantDetail.tsx';
import type { KeptActions } from './useKeptActions.ts';
import { describeNothing, type KeptPage } from './useKeptPage.ts';
import styles from './kept.module.css';

type Props = {
  page: KeptPage;
  actions: KeptActions;
  bookmarks: readonly Bookmark[];
  nameOf: (applianceId: string) => string;
};

/** The found lines, and beside them their facets and the details of the chosen one. */
export function FoundLines(props: Props) {
  const { page, actions, nameOf } = props;
  return (
    <div className={styles.withFacets}>
      {page.look.hasFacets ? (
        <FacetPanel page={page} nameOf={nameOf} onQuery={(find) => actions.setQuery(find, true)} />
      ) : null}
      <LinesWithDetail {...props} />
    </div>
  );
}

function LinesWithDetail(props: Props) {
  const { page, actions, bookmarks } = props;
  const { choice } = page;
  const tenant = useTenantDetail(page);
  return (
    <Split hasDetail={choice.shown !== null || choice.gap !== null || tenant !== null}>
      <KeptCard
        look={page.look}
        findError={actions.goToError}
        hasSpan={page.view.span !== ''}
        onClearSpan={() => page.changeView({ span: '' }, { push: true })}
        bookmarkCount={bookmarks.length}
        onBookmarks={() => actions.setDrawer('bookmarks')}
        nothing={describeNothing(page)}
      >
        <ListedLines {...props} />
      </KeptCard>
      {choice.gap === null ? null : (
        <GapDetail
          key={choice.gap.id}
          gap={choice.gap}
          name={props.nameOf(choice.gap.applianceId)}
          lines={page.snapshot.lines}
          onGo={({ kept }) => void actions.goTo(kept.key)}
          onClose={choice.clear}
        />
      )}
      {tenant}
      {choice.shown === null ? null : <ChosenLine {...props} key={choice.shown.id} shown={choice.shown} />}
    </Split>
  );
}

/** The details of the tenant that is searched, while no row is chosen and until they are closed; null if there are none. */
function useTenantDetail({ choice, search, recount, watched }: KeptPage): ReactNode {
  const views = useSearchedTenants(search);
  const [closed, setClosed] = useState<string | null>(null);
  const [first] = views;
  if (search === null || first === undefined || choice.head !== null) return null;
  const { clientId } = first.tenant;
  if (closed === clientId) return null;
  return (
    <TenantDetail
      views={views}
      search={search}
      revision={recount}
      isReading={watched.error === null && !isWholeRead(watched.value)}
      onClose={() => setClosed(clientId)}
    />
  );
}

function ListedLines({ page, actions, bookmarks, nameOf }: Props) {
  const { window, snapshot, look, choice, marks } = page;
  return (
    <KeptList
      rows={page.rows}
      isFollowing={snapshot.isFollowing}
      isWrapped={look.isWrapped}
      columns={look.columns}
      choice={choice}
      marks={marks}
      bookmarked={new Set(bookmarks.map(addressText))}
      nameOf={nameOf}
      renderContext={({ of }) => (
        <ContextBox
          of={of}
          name={nameOf(of.kept.applianceId)}
          columns={look.columns}
          marks={marks}
          onCopyLink={actions.copyLink}
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
  );
}

function ChosenLine({ page, actions, bookmarks, nameOf, shown }: Props & { shown: ShownLine }) {
  const mayNote = useMay('operator');
  return (
    <KeptDetail
      shown={shown}
      name={nameOf(shown.kept.applianceId)}
      bookmark={bookmarks.find((one) => addressText(one) === shown.id) ?? null}
      mayNote={mayNote}
      isNoting={actions.isNoting}
      onNoting={actions.setIsNoting}
      onQuery={(find) => actions.setQuery(find, true)}
      onContext={() => page.setContextOf(shown.id)}
      onCopyLink={actions.copyLink}
      onClose={page.choice.clear}
    />
  );
}
