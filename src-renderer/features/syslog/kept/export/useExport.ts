import { useEffect, useRef, useState } from 'react';
import type { LogExportSummary, RedactionChoice } from '../../../../../src-shared/contract/logExport.ts';
import type { KeptSearch } from '../../../../../src-shared/contract/logs.ts';
import type { ErrorData } from '../../../../../src-shared/errors.ts';
import type { ExportFormat } from '../../../../../src-shared/model/syslog/export/exportFormats.ts';
import { useConsole } from '../../../../rpc/client.tsx';
import { toErrorData } from '../../../../rpc/errors.ts';
import { readBase64, saveBlob } from '../../../../ui/text/saveText.ts';

export type ExportRequest = { search: KeptSearch; redaction: RedactionChoice; format: ExportFormat };

export type ExportState =
  | { kind: 'idle' }
  | { kind: 'writing'; lines: number }
  | { kind: 'sending'; sent: number; bytes: number }
  | {
      kind: 'done';
      name: string;
      files: readonly { name: string; bytes: number }[];
      summary: LogExportSummary;
    }
  | { kind: 'failed'; error: ErrorData };

/** Writes an export, and lets the browser or the desktop save its archive. Leaving the page cancels it. */
export function useExport() {
  const { client } = useConsole();
  const [state, setState] = useState<ExportState>({ kind: 'idle' });
  const ending = useRef<AbortController | null>(null);
  useEffect(() => () => ending.current?.abort(), []);

  const start = async (request: ExportRequest): Promise<void> => {
    const own = new AbortController();
    const { signal } = own;
    ending.current?.abort();
    ending.current = own;
    setState({ kind: 'writing', lines: 0 });
    const parts: Blob[] = [];
    try {
      for await (const part of await client.logExport.write(request, { signal })) {
        if (signal.aborted) return;
        switch (part.kind) {
          case 'progress':
            setState({ kind: 'writing', lines: part.lines });
            break;
          case 'part':
            parts.push(readBase64(part.base64));
            setState({ kind: 'sending', sent: part.sent, bytes: part.bytes });
            break;
          case 'done':
            saveBlob(part.name, new Blob(parts, { type: 'application/gzip' }));
            setState(part);
        }
      }
    } catch (thrown) {
      if (!signal.aborted) setState({ kind: 'failed', error: toErrorData(thrown) });
    }
  };
  const cancel = (): void => {
    ending.current?.abort();
    setState({ kind: 'idle' });
  };
  return { state, start: (request: ExportRequest): void => void start(request), cancel };
}
