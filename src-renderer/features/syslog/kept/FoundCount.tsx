import { useEffect, useState } from 'react';
import type { FoundCount as Count } from '../../../../src-shared/contract/logs.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { useMay } from '../../system/queries.ts';
import type { KeptPage } from './useKeptPage.ts';
import styles from './kept.module.css';

/** A search that takes longer can be cancelled. */
const cancelAfterMs = secondMs;
const wholeNumber = new Intl.NumberFormat('en-US');

function durationText(tookMs: number): string {
  const seconds = tookMs / secondMs;
  return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
}

/** How many lines are found, how long that took, and how far the count has come. */
function describeCount(count: Count | null, tookMs: number, isCancelled: boolean): string {
  if (count === null) return isCancelled ? 'Cancelled' : '';
  const { hits, isDone, scannedLines, totalLines } = count;
  const lines = `${wholeNumber.format(hits)} ${hits === 1 ? 'line' : 'lines'}`;
  if (isDone || totalLines === 0) return `${lines} in ${durationText(tookMs)}`;
  const searched = `${Math.floor((scannedLines / totalLines) * 100)} % searched`;
  return isCancelled
    ? `${lines}, cancelled with ${searched}`
    : `${lines} so far, ${searched} in ${durationText(tookMs)}`;
}

/** Whether `isOn` has lasted for `delayMs`. */
function useLasts(isOn: boolean, delayMs: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!isOn) return;
    const timer = setTimeout(() => setLasts(true), delayMs);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [isOn, delayMs]);
  return lasts;
}

/** What the query finds, and what can be done with it: cancel it, or save it as a filter. */
export function FoundCount({ page, onSave }: { page: KeptPage; onSave: () => void }) {
  const { counted, isCancelled, search, snapshot, checked, view } = page;
  const mayNote = useMay('operator');
  const isRunning =
    search !== null &&
    !isCancelled &&
    (counted.value?.isDone === false || (snapshot.isLoading && snapshot.lines.length === 0));
  const isLong = useLasts(isRunning, cancelAfterMs);
  return (
    <div className={styles.queryResult}>
      <output data-testid="found">{describeCount(counted.value, counted.tookMs, isCancelled)}</output>
      {isLong ? (
        <Button small onClick={page.cancelSearch}>
          Cancel
        </Button>
      ) : null}
      {isCancelled ? (
        <Button small onClick={page.searchAgain}>
          Search again
        </Button>
      ) : null}
      {mayNote && view.find.trim() !== '' && checked.problem === null ? (
        <Button small onClick={onSave} title="Save the query as a filter">
          Save
        </Button>
      ) : null}
    </div>
  );
}
