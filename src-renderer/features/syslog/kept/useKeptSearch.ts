import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { KeptSearch } from '../../../../src-shared/contract/logs.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { checkQuery } from '../../../../src-shared/model/syslog/query/parseQuery.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { createLineWindow } from './lineWindow.ts';
import { readRange, readSpan } from './timeRange.ts';
import { useLatest } from '../../../rpc/useLatest.ts';
import { useSpanCount } from './useSpanCount.ts';

const barCount = 96;
/** Lines and gaps that arrive are counted again after this time. */
const recountMs = 5000;

/** Grows at most every `recountMs` while `changed` grows, however often that is. */
function useSlowly(changed: number): number {
  const [slow, setSlow] = useState(0);
  const latest = useRef(changed);
  useEffect(() => {
    latest.current = changed;
  });
  useEffect(() => {
    const timer = setInterval(() => setSlow(latest.current), recountMs);
    return () => clearInterval(timer);
  }, []);
  return slow;
}

/** A query that was valid stays in use while the text has a fault. */
function useLastValid<Value>(value: Value | null, first: Value): Value {
  const [valid, setValid] = useState(value ?? first);
  if (value !== null && value !== valid) setValid(value);
  return value ?? valid;
}

/** What a query and a range mean now. */
function readSearch(text: string, range: string) {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const clock = { now: Date.now(), timeZone };
  return { ...checkQuery(text, clock), times: readRange(range, clock) };
}

/** The search of the page: its query, its found lines, its count, and what happens to the logs. */
export function useKeptSearch(options: {
  text: string;
  range: string;
  span: string;
  applianceIds: readonly string[];
  /** The place to keep when the search changes; null to show the end. */
  placeToKeep: () => LineKey | null;
}) {
  const { text, range, span, placeToKeep } = options;
  const { client } = useConsole();
  const [window] = useState(() => createLineWindow({ client }));
  useEffect(() => () => window.close(), [window]);
  const ids = options.applianceIds.join(' ');
  const checked = useMemo(() => readSearch(text, range), [text, range]);
  const query = useLastValid(checked.parsed?.query ?? null, { kind: 'all' });
  const { from, to } = checked.times;
  const whole = useMemo<KeptSearch | null>(
    () => (ids === '' ? null : { query, applianceIds: ids.split(' '), from, to }),
    [ids, query, from, to],
  );
  const search = useMemo<KeptSearch | null>(
    () => (whole === null ? null : { ...whole, ...readSpan(span) }),
    [whole, span],
  );
  useEffect(() => void window.setSearch(search, placeToKeep()), [window, search, placeToKeep]);

  const watched = useLatest({
    key: ids === '' ? null : ids,
    isEndless: true,
    open: (signal) => client.logs.watch({ applianceIds: ids.split(' ') }, { signal }),
  });
  const changed = watched.value?.changed ?? 0;
  useEffect(() => {
    if (changed > 0) window.noteChange();
  }, [window, changed]);
  const recount = useSlowly(changed);
  // A search that was cancelled stays so until it is another one.
  const [cancelled, setCancelled] = useState<KeptSearch | null>(null);
  const isCancelled = cancelled !== null && cancelled === whole;
  const counted = useLatest({
    key: whole === null || isCancelled ? null : `${JSON.stringify(whole)} ${recount}`,
    open: (signal) =>
      client.logs.count(
        { search: whole ?? { query, applianceIds: [], from, to }, bars: barCount },
        { signal },
      ),
  });
  const spanCount = useSpanCount({ search: span === '' || isCancelled ? null : search, recount });
  return {
    window,
    snapshot: useSyncExternalStore(window.subscribe, window.snapshot),
    checked,
    query,
    search,
    watched,
    counted,
    spanCount,
    recount,
    isCancelled,
    cancelSearch: (): void => {
      setCancelled(whole);
      window.cancel();
    },
    searchAgain: (): void => {
      setCancelled(null);
      window.retry();
    },
    changed,
  };
}
