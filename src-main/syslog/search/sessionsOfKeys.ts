import { parseSyslogLine } from '../../../src-shared/model/syslog/syslogParse.ts';
import { findFingerprints } from '../../../src-shared/model/syslog/tenantJoin/namedInLine.ts';
import type { FoundLine } from '../store/search/foundLine.ts';
import type { LogQuery } from '../../../src-shared/model/syslog/query/logQuery.ts';

/** A process of sshd that served a login, from its login until another login had the same number. */
export type KeySession = {
  pid: number;
  fingerprint: string;
  peer: string | null;
  from: number;
  to: number | null;
};

/** The lines of sshd that begin a session, or hand it to a child. */
export const loginQuery: LogQuery = {
  kind: 'and',
  nodes: [
    { kind: 'field', field: 'program', op: '~', value: 'sshd*' },
    {
      kind: 'or',
      nodes: [
        { kind: 'text', text: 'Accepted publickey for ' },
        { kind: 'text', text: 'User child is on pid ' },
      ],
    },
  ],
};

/** Reads the sessions from lines that `loginQuery` found on one appliance, oldest first. */
export function readSessions(lines: readonly FoundLine[]): KeySession[] {
  const sessions: KeySession[] = [];
  const open = new Map<number, KeySession>();
  const begin = (session: KeySession): void => {
    const before = open.get(session.pid);
    if (before !== undefined) before.to = session.from;
    open.set(session.pid, session);
    sessions.push(session);
  };
  for (const { text, arrival, time } of lines) {
    const { pid, message } = parseSyslogLine(text, arrival);
    if (pid === null) continue;
    const [fingerprint] = findFingerprints(message);
    const child = /^User child is on pid (\d{1,10})$/u.exec(message)?.[1];
    if (fingerprint !== undefined) {
      const peer = / from (\S{2,64} port \d{1,5})\b/u.exec(message)?.[1] ?? null;
      begin({ pid, fingerprint, peer, from: time, to: null });
    } else if (child !== undefined) {
      const parent = open.get(pid);
      if (parent !== undefined) begin({ ...parent, pid: Number(child), from: time });
    }
  }
  return sessions;
}
