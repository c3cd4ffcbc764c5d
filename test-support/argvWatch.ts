import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 20;
/** A new process first has the arguments of its parent. After this many looks its own are seen, or seldom later. */
const looksPerProcess = 5;
const looksBetweenAll = 50;

/** The arguments and the environment of a process of this machine; empty if it has ended or belongs to another user. */
function readProcess(pid: string): string {
  return ['cmdline', 'environ']
    .map((name) => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'latin1');
      } catch {
        return '';
      }
    })
    .join('\0');
}

/**
 * Looks for texts in the arguments and the environment of all processes of this machine, until `stop` returns what it found.
 * A process that lives shorter than a few milliseconds may be missed.
 */
export function watchArguments(texts: readonly string[]) {
  const found = new Set<string>();
  const looks = new Map<string, number>();
  let count = 0;
  const look = () => {
    count += 1;
    const isOfAll = count % looksBetweenAll === 0;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/u.test(name))) {
      const seen = looks.get(pid) ?? 0;
      if (seen >= looksPerProcess && !isOfAll) continue;
      looks.set(pid, seen + 1);
      const content = readProcess(pid);
      for (const text of texts) if (content.includes(text)) found.add(text);
    }
  };
  const timer = setInterval(look, everyMs);
  const list = () => [...found].toSorted();
  return {
    /** What was found so far. */
    found: list,
    stop: () => {
      clearInterval(timer);
      if (looks.size === 0) throw new Error('the processes were never looked at');
      return list();
    },
  };
}
