import { useEffect, useState } from 'react';
import { secondMs } from '../../../../src-shared/base/time.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { useNotes } from './notes.ts';

/** A line counts as looked at after it was shown for this time. */
const lookMs = 3 * secondMs;

/**
 * The newest line that was looked at before this page was opened; null if none was. While the newest line is shown, it is
 * noted for the next time.
 */
export function useLastLooked(newest: LineKey | null, isFollowing: boolean): LineKey | null {
  const { client } = useConsole();
  const notes = useNotes().data?.notes;
  const [before, setBefore] = useState<LineKey | null | undefined>(undefined);
  if (before === undefined && notes !== undefined) setBefore(notes.lastLooked);
  useEffect(() => {
    if (newest === null || !isFollowing || before === undefined) return;
    const timer = setTimeout(() => {
      // A mark that could not be saved costs nothing but the mark.
      if (!document.hidden) client.logs.markLooked({ key: newest }).catch(() => undefined);
    }, lookMs);
    return () => clearTimeout(timer);
  }, [client, newest, isFollowing, before]);
  return before ?? null;
}
