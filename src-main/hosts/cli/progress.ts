import { visibleLine } from '../../../src-shared/base/machineText.ts';
import { formatDuration } from '../../../src-shared/base/time.ts';

/** Shows the progress of a long command on stderr. Only on a terminal or with `--progress`. */
export type Progress = {
  /** `done` steps are complete; `text` describes the last one. */
  step: (done: number, text: string) => void;
  /** Ends the line that shows the progress. */
  end: () => void;
};

/**
 * Updates a single line on a terminal. Otherwise prints a line for each step if `isWanted`, else nothing.
 */
export function createProgress(options: { total: number; isWanted: boolean; clock: () => number }): Progress {
  const { total, isWanted, clock } = options;
  const isTerminal = process.stderr.isTTY;
  const startedAt = clock();
  let isOpen = false;
  if (!isTerminal && !isWanted) return { step: () => {}, end: () => {} };
  return {
    step: (done, text) => {
      const leftMs = done === 0 ? 0 : ((clock() - startedAt) / done) * (total - done);
      const left = done === total ? '' : `, about ${formatDuration(leftMs)} left`;
      const line = visibleLine(`${String(done).padStart(String(total).length)}/${total} ${text}${left}`);
      if (!isTerminal) {
        process.stderr.write(`${line}\n`);
        return;
      }
      isOpen = true;
      process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`);
    },
    end: () => {
      if (isOpen) process.stderr.write('\r\u001b[K');
    },
  };
}
