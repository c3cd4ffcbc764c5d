import { expect, test } from 'vitest';
import { watchLineSchema, type WatchLine } from '../../src-shared/model/watch/watchLines.ts';
import { aWatchedAppliance } from '../../test-support/aWatchedAppliance.ts';
import { splitAppliance } from '../../src-shared/model/watch/watchedAppliance.ts';
import { createObservedState } from './observe.ts';

/** An observer whose clock is `time.ms`, and what it sees. */
function observe() {
  const time = { ms: 1000 };
  const seenNow = (ms = time.ms) => ({
    ms,
    now: new Date(1_790_000_000_000 + ms).toISOString(),
    uptimeSeconds: ms / 1000,
  });
  const state = createObservedState(seenNow);
  /** Sees another reason why forwarding is off, in a look that began at `ms`. */
  const see = (ms: number, reason: string) => {
    const { remoteNetworks, ...others } = aWatchedAppliance;
    const parts = splitAppliance({ ...others, remoteNetworks: { ...remoteNetworks, forwardingOff: reason } });
    return state.see({ parts, seen: seenNow(ms) });
  };
  return { time, state, see };
}

const read = (text: string | null): WatchLine => watchLineSchema.parse(JSON.parse(text ?? ''));
const isPosition = (line: WatchLine) =>
  line.type === 'snapshot' ? { epoch: line.epoch, revision: line.revision } : null;

test('when a console missed changes, what it knew does not count as seen now, but what follows does', () => {
  const { time, state, see } = observe();
  see(1000, 'one');
  const position = isPosition(read(state.snapshotLine()));
  if (position === null) throw new Error('no snapshot');
  time.ms = 5000;
  state.aliveLine(true);
  see(8000, 'two');
  see(9000, 'three');
  time.ms = 20_000;
  state.aliveLine(true);
  const lines = (state.linesSince(position) ?? []).map(read);
  expect(lines.map(({ type, revision, seen: { ms } }) => [type, revision, ms])).toEqual([
    ['resumed', 1, 5000],
    ['change', 2, 8000],
    ['change', 3, 9000],
    ['alive', 3, 20_000],
  ]);
});

test('when a console missed nothing, what it knows counts as seen now', () => {
  const { time, state, see } = observe();
  see(1000, 'one');
  const position = isPosition(read(state.snapshotLine()));
  time.ms = 7000;
  state.aliveLine(true);
  expect(position && (state.linesSince(position) ?? []).map(read)).toMatchObject([
    { type: 'resumed', revision: 1, seen: { ms: 7000 } },
  ]);
});

test.each([
  ['nothing speaks against it', true, 9000],
  ['a sign of a change was not looked at yet', false, 5000],
])('when %s, says that all holds as of the time when that was known', (_what, isSure, ms) => {
  const { time, state, see } = observe();
  see(1000, 'one');
  time.ms = 5000;
  state.aliveLine(true);
  time.ms = 9000;
  expect(read(state.aliveLine(isSure)).seen.ms).toBe(ms);
  const change = read(see(8000, 'two'));
  // Else the console would take the change for older than that all held.
  expect(change.seen.ms > ms).toBe(!isSure);
});
