import { useState } from 'react';
import { hrefOf } from '../../../state/places.ts';
import { views, writeView } from '../../../state/views.ts';
import { copyText } from '../../../ui/text/copy.ts';
import { useGoTo } from './useGoTo.ts';
import { useKeptKeys } from './useKeptKeys.ts';
import type { KeptPage } from './useKeptPage.ts';

/** What is open over the page. */
type OpenPart = 'filters' | 'save' | 'bookmarks' | 'help' | 'export' | 'watch';

/** Copies a link to the page with its query and the selected line. */
function copyLink(search: string): void {
  const { origin, pathname, hash } = location;
  const path = hash.replace(/^#/u, '').replace(/\?.*$/u, '');
  copyText(`${origin}${pathname}${hrefOf(`${path}${search}`)}`, 'Link copied');
}

/** What users can do on the page, and its keys. */
export function useKeptActions(page: KeptPage) {
  const { window, search, view, changeView, snapshot, look, choice } = page;
  const [drawer, setDrawer] = useState<OpenPart | null>(null);
  const [isNoting, setIsNoting] = useState(false);
  const { head, choose } = choice;
  const { goTo, findError } = useGoTo({ window, search, address: view.line, head, choose });
  const goToError = (direction: 'older' | 'newer'): void => {
    // Without a chosen line, the search starts at the end of the log, or at the first loaded line.
    const start = direction === 'older' ? null : (snapshot.lines[0]?.kept.key ?? null);
    void findError(direction, choice.lines.at(-1)?.kept.key ?? start);
  };
  const openRow = (): void => {
    const { headRow, shown } = choice;
    if (headRow?.kind === 'fold') page.toggleFold(headRow.id);
    else if (shown !== null) page.setContextOf(page.contextOf === shown.id ? null : shown.id);
  };
  useKeptKeys({
    choice,
    isFollowing: snapshot.isFollowing,
    follow: window.follow,
    pause: window.pause,
    findError: goToError,
    open: openRow,
    bookmark: () => setIsNoting(true),
    toggleWrap: look.toggleWrap,
    toggleFolding: look.toggleFolding,
    toggleFacets: look.toggleFacets,
    showHelp: () => setDrawer('help'),
  });
  return {
    drawer,
    setDrawer,
    isNoting,
    setIsNoting,
    goTo,
    goToError,
    setQuery: (find: string, push = false): void => changeView({ find }, { push }),
    copyLink: (): void => copyLink(writeView(views.syslog, view)),
  };
}
export type KeptActions = ReturnType<typeof useKeptActions>;
