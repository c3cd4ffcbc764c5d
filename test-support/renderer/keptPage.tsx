import { render } from '@testing-library/react';
import { z } from 'zod';
import type { OwnExplainRules } from '../../src-shared/contract/logs.ts';
import type { KeptLine } from '../../src-shared/model/syslog/keptLine.ts';
import type { LogNotes } from '../../src-shared/model/syslog/logNotes.ts';
import { App } from '../../src-renderer/app/App.tsx';
import { createFakeConsole } from './fakeConsole.ts';
import { findKeptLines, linesInput, streamKeptLines } from './keptLines.ts';
import { applianceId, sampleAppliance } from './samples.ts';

export const noNotes: LogNotes = { filters: [], bookmarks: [], lastLooked: null };

/** A stream that sends `first` and stays open. */
async function* endless<Value>(first: Value) {
  yield first;
  await new Promise(() => undefined);
}

type Options = {
  notes?: LogNotes;
  ownRules?: Pick<OwnExplainRules, 'rules' | 'problems'>;
  gaps?: unknown[];
  phase?: string;
  store?: string;
  trouble?: string | null;
  /** Whether the count never ends. */
  isEndless?: boolean;
};

/** Shows the search page over `lines`. `handlers` answer further calls. */
export function openSearch(
  search: string,
  lines: KeptLine[],
  options: Options = {},
  handlers: Parameters<typeof createFakeConsole>[0] = {},
) {
  location.hash = `#/syslog?show=search${search}`;
  const { notes = noNotes, gaps = [], phase = 'following', store = 'keeping', trouble = null } = options;
  const { isEndless = false } = options;
  const state = {
    store,
    changed: 0,
    appliances: [{ applianceId, phase, isFilling: false, trouble, receivedBytes: 0 }],
  };
  const fake = createFakeConsole({
    'fleet.overview': () => ({ appliances: [sampleAppliance()] }),
    'logs.watch': () => endless(state),
    'logs.lines': (input) => streamKeptLines(lines, linesInput(input)),
    'logs.count': (input) => {
      const request = linesInput({ direction: 'newer', after: null, limit: 1000, ...Object(input) });
      const found = findKeptLines(lines, request);
      const from = request.search.from ?? lines[0]?.key.sort ?? 0;
      const to = request.search.to ?? lines.at(-1)?.key.sort ?? 0;
      const bars = Math.min(4, z.object({ bars: z.int() }).parse(input).bars);
      const counts = Array.from({ length: 9 * bars }, () => 0);
      for (const { key } of found) {
        const bar = Math.min(bars - 1, Math.floor(((key.sort - from) / (to - from || 1)) * bars));
        counts[bar * 9 + 6] = (counts[bar * 9 + 6] ?? 0) + 1;
      }
      return endless({
        hits: found.length,
        scannedLines: isEndless ? 3 : 9,
        totalLines: 9,
        isDone: !isEndless,
        histogram: { from, to, bars, counts },
      });
    },
    'logs.line': () => ({ line: lines[2] ?? null }),
    'logs.tenants': () => ({ clientIds: [], keys: [] }),
    'logs.gaps': () => ({ gaps }),
    'logs.notes': () => ({ notes }),
    'logs.explainRules': () => ({
      path: '/data/log-rules.yaml',
      rules: [],
      problems: [],
      ...options.ownRules,
    }),
    'logs.saveFilter': () => ({}),
    'logs.setBookmark': () => ({}),
    'logs.markLooked': () => ({}),
    ...handlers,
  });
  render(<App connection={fake.connection} />);
  fake.connection.start();
  return {
    ...fake,
    inputs: (procedure: string) =>
      fake.calls.filter((call) => call.procedure === procedure).map(({ input }) => input),
  };
}
