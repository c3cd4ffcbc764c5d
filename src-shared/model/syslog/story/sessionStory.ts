import type { Explanation } from '../explain/explainRule.ts';
import type { ParsedLine } from '../syslogParse.ts';
import { findPeer, isOfSshd } from '../tenantJoin/namedInLine.ts';

/** A line of one tenant. `at`: epoch milliseconds by the console's clock. */
export type StoryLine = { id: string; at: number; line: ParsedLine };

/** What happened to a tenant's sessions and forwards. */
export type StoryEvent = Pick<Explanation, 'title' | 'meaning' | 'code'> & {
  event: NonNullable<Explanation['event']>;
  /** The line that says so. */
  id: string;
  at: number;
  /** How often it happened, and when last. */
  count: number;
  lastAt: number;
  /** Of an end: how long the session was up. Of a login: how long no session was up. Null if the lines don't say. */
  durationMs: number | null;
};

type Session = { from: number | null; isOpen: boolean };

const childPattern = /^User child is on pid (\d{1,10})/u;

/** The sessions of a tenant by their processes and connections, as its lines tell. */
function createSessions() {
  const byPid = new Map<number, Session>();
  const byPeer = new Map<string, Session>();
  const open = new Set<Session>();
  let lastEnd: number | null = null;

  function keep(session: Session, pid: number | null, peer: string | null): void {
    if (pid !== null) byPid.set(pid, session);
    if (peer !== null) byPeer.set(peer, session);
  }
  return {
    /** Returns how long no session was up before. */
    begin: (at: number, pid: number | null, peer: string | null): number | null => {
      const session: Session = { from: at, isOpen: true };
      const wasDown = open.size === 0 && lastEnd !== null ? at - lastEnd : null;
      keep(session, pid, peer);
      open.add(session);
      return wasDown;
    },
    /** Returns how long the session was up; undefined if its end was known. */
    end: (at: number, pid: number | null, peer: string | null): number | null | undefined => {
      const known =
        (peer === null ? undefined : byPeer.get(peer)) ?? (pid === null ? undefined : byPid.get(pid));
      const session = known ?? { from: null, isOpen: true };
      keep(session, pid, peer);
      if (!session.isOpen) return undefined;
      session.isOpen = false;
      open.delete(session);
      lastEnd = at;
      return session.from === null ? null : at - session.from;
    },
    /** The process has a child, which serves the same connection. */
    adopt: (pid: number | null, child: number): void => {
      const session = pid === null ? undefined : byPid.get(pid);
      if (session !== undefined) byPid.set(child, session);
    },
  };
}

/**
 * Tells what happened to one tenant from its lines, oldest first: logins, ends, refusals and forwards, with how long they
 * lasted. Lines that say the same one after the other are one event.
 */
export function tellStory(
  lines: readonly StoryLine[],
  explain: (line: ParsedLine) => Explanation | null,
): StoryEvent[] {
  const sessions = createSessions();
  const events: StoryEvent[] = [];

  function add(event: StoryEvent): void {
    const last = events.at(-1);
    const isSame =
      last?.event === event.event && last.title === event.title && last.meaning === event.meaning;
    const isForward = event.event === 'opened' || event.event === 'closed';
    const isSameForward = isForward && last?.event === event.event && last.title === event.title;
    const mayJoin = event.event !== 'connected' && event.event !== 'ended';
    if (last !== undefined && mayJoin && (isSame || isSameForward)) {
      last.count += 1;
      last.lastAt = event.at;
    } else events.push(event);
  }
  for (const { id, at, line } of lines) {
    const peer = isOfSshd(line) ? findPeer(line.message) : null;
    const child = isOfSshd(line) ? childPattern.exec(line.message)?.[1] : undefined;
    if (child !== undefined) sessions.adopt(line.pid, Number(child));
    const explanation = explain(line);
    if (explanation?.event === undefined || explanation.event === null) continue;
    const { event, title, meaning, code } = explanation;
    const durationMs =
      event === 'connected'
        ? sessions.begin(at, line.pid, peer)
        : event === 'ended'
          ? sessions.end(at, line.pid, peer)
          : null;
    // Several lines tell the same end; the first one has the reason.
    if (durationMs !== undefined)
      add({ event, title, meaning, code, id, at, count: 1, lastAt: at, durationMs });
  }
  return events;
}
