import { formatDuration, secondMs } from '../../src-shared/base/time.ts';
import type { DownloadState } from './resumedDownload.ts';

/** The time over which the rate is measured, milliseconds. */
const rateWindowMs = 5 * secondMs;

type Sample = { at: number; bytes: number };

const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1);

/** `34.2 of 112.6 MB, 2.3 MB/s, 34 s left`. `samples` are those of the last seconds, oldest first. */
export function describeDownload(state: DownloadState, samples: readonly Sample[], now: number): string {
  const { receivedBytes, totalBytes } = state;
  const size =
    totalBytes === null
      ? `${megabytes(receivedBytes)} MB`
      : `${megabytes(receivedBytes)} of ${megabytes(totalBytes)} MB`;
  const [first] = samples;
  const spanMs = first === undefined ? 0 : now - first.at;
  if (first === undefined || spanMs < secondMs) return size;
  const bytesPerSecond = ((receivedBytes - first.bytes) / spanMs) * secondMs;
  if (bytesPerSecond <= 0) return `${size}, waiting for data`;
  const leftMs = totalBytes === null ? null : ((totalBytes - receivedBytes) / bytesPerSecond) * secondMs;
  const left = leftMs === null ? '' : `, ${formatDuration(leftMs)} left`;
  return `${size}, ${megabytes(bytesPerSecond)} MB/s${left}`;
}

export type ReportOutput = { isTerminal: boolean; columns: number; write: (text: string) => void };

/** How often the line is written again, milliseconds. */
const intervals = { terminal: secondMs / 2, lines: 5 * secondMs };

/**
 * Shows the download of the runtime: one line that changes on a terminal, else a line every few seconds. `hint` follows
 * the figures on the terminal's line.
 */
export function createDownloadReport(options: { output: ReportOutput; hint: string; clock: () => number }) {
  const { clock, output } = options;
  let state: DownloadState | null = null;
  let samples: Sample[] = [];

  const show = (): void => {
    if (state === null) return;
    const now = clock();
    samples.push({ at: now, bytes: state.receivedBytes });
    samples = samples.filter((sample) => now - sample.at <= rateWindowMs);
    const line = `Electron's runtime: ${describeDownload(state, samples, now)}`;
    if (!output.isTerminal) output.write(`${line}\n`);
    else output.write(`\r\u001b[K${`${line}. ${options.hint}`.slice(0, output.columns - 1)}`);
  };
  const timer = setInterval(show, output.isTerminal ? intervals.terminal : intervals.lines);

  return {
    update: (next: DownloadState) => {
      const isFirst = state === null;
      state = next;
      if (isFirst) show();
    },
    /** Shows the last figures and ends the line. */
    end: () => {
      clearInterval(timer);
      if (state === null) return;
      show();
      if (output.isTerminal) output.write('\n');
      state = null;
    },
  };
}
