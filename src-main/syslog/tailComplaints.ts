import { visibleText } from '../../src-shared/base/machineText.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/** tail(1) says so, untranslated, when it reads on after a rotation. */
const recovery = /^tail: .*(?:has appeared|following new file|file truncated)/u;
const describeProblem =
  /^tail: .*(?:cannot open|become inaccessible|error reading|cannot follow|untailable|giving up)/u;
/** A rotation takes the file away for an instant. */
const graceMs = 5 * secondMs;
const maxTextLength = 500;

/** Watches what a running tail says on stderr. */
export type TailComplaints = {
  push: (chunk: Buffer) => void;
  /** A complaint was made and no line has come since. */
  isPending: () => boolean;
  /** Everything said so far, for a tail that ended. */
  text: () => string;
  /** The tail reads: what it complained of is over. */
  clear: () => void;
  stop: () => void;
};

/** `onUnreadable` is called with tail's own words if a complaint lasts for five seconds, `onReadable` once it is over. */
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
