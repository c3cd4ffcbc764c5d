import { visibleText } from '../../src-shared/base/machineText.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** English messages that tail(1) prints when it continues after a rotation. */
const recovery = /^tail: .*(?:has appeared|following new file|file truncated)/u;
const describeProblem =
  /^tail: .*(?:cannot open|become inaccessible|error reading|cannot follow|untailable|giving up)/u;
/**
 * A missing file is no problem for this time, because the file is missing for a moment during a rotation.
 */
const graceMs = 5 * secondMs;
const maxTextLength = 500;

/** Tells from the error output of a running tail whether the log can be read. */
export type TailErrors = {
  push: (chunk: Buffer) => void;
  /** True if there was an error message and no line since. */
  isPending: () => boolean;
  /** The whole error output so far, to explain why the tail has ended. */
  text: () => string;
  /** Call this when a line arrives, because the reported problem is over then. */
  clear: () => void;
  stop: () => void;
};

/**
 * Watches the error output of a tail. Calls `onUnreadable` with the message if a problem lasts for five
 * seconds, and `onReadable` when it is over.
 */
export function watchTailErrors(options: {
  onUnreadable: (why: string) => void;
  onReadable: () => void;
}): TailErrors {
  let said = '';
  let partial = '';
  let timer: NodeJS.Timeout | undefined;
  const clear = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    push: (chunk) => {
      const lines = `${partial}${chunk.toString('utf8')}`.slice(-maxTextLength).split('\n');
      partial = lines.pop() ?? '';
      if (said.length < maxTextLength) said = `${said}${chunk.toString('utf8')}`.slice(0, maxTextLength);
      for (const line of lines)
        if (recovery.test(line)) {
          clear();
          options.onReadable();
        } else if (describeProblem.test(line)) {
          clear();
          timer = setTimeout(() => options.onUnreadable(visibleText(line)), graceMs);
        }
    },
    isPending: () => timer !== undefined,
    text: () => said.trim(),
    clear,
    stop: clear,
  };
}
