import { visibleText } from '../../src-shared/base/machineText.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** tail(1)'s English messages when it continues after a rotation. */
const recovery = /^tail: .*(?:has appeared|following new file|file truncated)/u;
const describeProblem =
  /^tail: .*(?:cannot open|become inaccessible|error reading|cannot follow|untailable|giving up)/u;
/** During a rotation the file is missing for an instant. */
const graceMs = 5 * secondMs;
const maxTextLength = 500;

/** Watches the error output of a running tail. */
export type TailComplaints = {
  push: (chunk: Buffer) => void;
  /** There was an error message, and no line since. */
  isPending: () => boolean;
  /** The whole error output so far, for a tail that ended. */
  text: () => string;
  /** Call it when a line arrived: the reported problem is over. */
  clear: () => void;
  stop: () => void;
};

/** Calls `onUnreadable` with tail's message if a problem lasts for five seconds, and `onReadable` once it is over. */
export function watchTailComplaints(options: {
  onUnreadable: (why: string) => void;
  onReadable: () => void;
}): TailComplaints {
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
