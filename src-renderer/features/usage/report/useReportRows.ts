import { useEffect, useReducer } from 'react';
import {
  maxReportRows,
  type ReportPart,
  type RowFilter,
} from '../../../../src-shared/model/usage/reportRows.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import type { AccountLine } from '../../../../src-shared/model/usage/usageReport.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';

/** What was read of a report. Rows in plain text come first. */
type ReportRows = Omit<ReportPart, 'plain' | 'hashed'> & {
  plain: readonly AccountLine[];
  hashed: readonly AccountLine[];
  error: ErrorData | null;
};

const nothingRead: ReportRows = {
  plain: [],
  hashed: [],
  read: 0,
  matched: 0,
  plainMatched: 0,
  isDone: false,
  error: null,
};

type Event = { kind: 'start' } | { kind: 'part'; part: ReportPart } | { kind: 'failed'; error: ErrorData };

function addPart(rows: ReportRows, event: Event): ReportRows {
  switch (event.kind) {
    case 'start':
      return nothingRead;
    case 'failed':
      return { ...rows, error: event.error };
    case 'part':
      return {
        ...event.part,
        plain: [...rows.plain, ...event.part.plain],
        hashed: [...rows.hashed, ...event.part.hashed],
        error: null,
      };
  }
}

export type ReportRequest = {
  applianceId: string;
  month: string | null;
  filter: RowFilter;
  skip: number;
  /** Another number reads the report again. */
  attempt: number;
};

/** Reads the rows of a report as they arrive, once `request` is set. Leaving the page, or another request, ends it. */
export function useReportRows(request: ReportRequest | null): ReportRows {
  const { client } = useConsole();
  const [rows, dispatch] = useReducer(addPart, nothingRead);
  const key = request === null ? null : JSON.stringify(request);
  useEffect(() => {
    dispatch({ kind: 'start' });
    if (request === null) return;
    const ending = new AbortController();
    const { signal } = ending;
    const { attempt: _attempt, ...input } = request;
    const read = async (): Promise<void> => {
      try {
        for await (const part of await client.usage.rows({ ...input, limit: maxReportRows }, { signal })) {
          if (signal.aborted) return;
          dispatch({ kind: 'part', part });
        }
      } catch (thrown) {
        if (!signal.aborted) dispatch({ kind: 'failed', error: toErrorData(thrown) });
      }
    };
    void read();
    return () => ending.abort();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the key stands for the request, whose object is new each time
  }, [client, key]);
  return rows;
}
