import type { KeptLine } from '../../../../src-shared/model/syslog/keptLine.ts';
import { parseSyslogLine } from '../../../../src-shared/model/syslog/syslogParse.ts';
import type { SyslogLine } from '../../../../src-shared/model/syslog/syslogLine.ts';

/** A kept line with what its text says. `id` is its lasting address, as links have it. */
export type ShownLine = { id: string; kept: KeptLine; line: SyslogLine };

export function addressText({ source, line }: { source: number; line: number }): string {
  return `${source}.${line}`;
}

/** Reads an address of `addressText`; null for other texts. */
export function readAddress(text: string): { source: number; line: number } | null {
  const [, source, line] = /^(\d{1,15})\.(\d{1,15})$/u.exec(text) ?? [];
  return source === undefined ? null : { source: Number(source), line: Number(line) };
}

export function showLine(kept: KeptLine): ShownLine {
  const { applianceId, receivedAt, text, key } = kept;
  return {
    id: addressText(key),
    kept,
    line: {
      ...parseSyslogLine(text, kept),
      seq: key.line,
      applianceId,
      receivedAt: new Date(receivedAt).toISOString(),
      kind: 'line',
    },
  };
}
