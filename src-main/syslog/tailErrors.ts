import { visibleLine } from '../../src-shared/base/machineText.ts';
import { secondMs } from '../../src-shared/base/time.ts';
import { createLineSplitter } from '../../src-shared/node/lineSplitter.ts';

/** What a line on the error output means, by the English messages of tail(1) of GNU and BusyBox. */
const meanings = [
  { meaning: 'truncated', pattern: /^tail: .*file truncated/u },
  { meaning: 'degraded', pattern: /^tail: .*(?:reverting to polling|inotify resources exhausted)/u },
  {
    meaning: 'missing',
    pattern: /^tail: .*(?:can(?:no|')t open|become inaccessible).*: No such file or directory$/u,
  },
  {
    meaning: 'unreadable',
    pattern:
      /^tail: .*(?:can(?:no|')t (?:open|fstat|stat|follow|seek|read)|become inaccessible|error reading|read error|untailable|giving up|no files remaining|was removed|Stale (?:NFS )?file handle|Input\/output error)/u,
  },
  {
    meaning: 'readable',
    pattern: /^tail: .*(?:has appeared|become accessible|has been replaced|following (?:end of )?new file)/u,
  },
] as const;

/**
 * A log that was read before may be missing for this time, because it is missing for a moment during a
 * rotation.
 */
const graceMs = 5 * secondMs;
/** Maximum bytes of one line of error output, and maximum number of lines kept for the end. */
const maxTextBytes = 500;
const maxKeptTexts = 4;
/** Maximum number of different notices of one tail **[ours]**. */
const maxNotices = 20;

/** Interprets the error output of a running tail as it arrives. */
export type TailErrors = {
  push: (chunk: Buffer) => void;
  /** True if there was an error message and no line since. */
  hasProblem: () => boolean;
  /** The last lines of the error output, to explain why the tail has ended. */
  text: () => string;
  /** Call this when a line arrives, because the reported problem is over then. */
  clear: () => void;
  stop: () => void;
};

/**
 * Watches the error output of a tail. Calls `onUnreadable` at once with the message of a problem,
 * `onReadable` when it is over, and `onNotice` with any other message.
 */
export function watchTailErrors(options: {
  /** True until a line was read or the log is known to be empty. A missing log is no rotation then. */
  isStarting: () => boolean;
  onUnreadable: (why: string) => void;
  onReadable: () => void;
  onNotice: (text: string) => void;
}): TailErrors {
  const split = createLineSplitter(maxTextBytes);
  let texts: string[] = [];
  const notices = new Set<string>();
  let problem = false;
  let timer: NodeJS.Timeout | undefined;

  function clear(): void {
    problem = false;
    clearTimeout(timer);
  }

  function addNotice(line: string): void {
    if (notices.has(line) || notices.size > maxNotices) return;
    notices.add(line);
    options.onNotice(
      notices.size > maxNotices
        ? 'The command that reads the log prints more messages; they are not shown.'
        : `The command that reads the log reports: ${line}`,
    );
  }

  function interpret(line: string): void {
    const meaning = meanings.find(({ pattern }) => pattern.test(line))?.meaning;
    if (meaning === 'truncated')
      options.onNotice(`The log was truncated. Lines may be missing here: ${line}`);
    else if (meaning === 'readable') {
      clear();
      options.onReadable();
    } else if (meaning === 'missing' || meaning === 'unreadable') {
      clear();
      problem = true;
      if (meaning === 'missing' && !options.isStarting())
        timer = setTimeout(() => options.onUnreadable(line), graceMs);
      else options.onUnreadable(line);
    } else addNotice(line);
  }

  function push(chunk: Buffer): void {
    for (const raw of split(chunk)) {
      const line = visibleLine(raw.trim());
      if (line === '') continue;
      texts = [...texts, line].slice(-maxKeptTexts);
      interpret(line);
    }
  }

  return {
    push,
    hasProblem: () => problem,
    text: () => {
      // The last line may have no line end.
      for (const raw of split(Buffer.from('\n')))
        if (raw.trim() !== '') texts = [...texts, visibleLine(raw.trim())].slice(-maxKeptTexts);
      return texts.join(' ');
    },
    clear,
    stop: clear,
  };
}
