import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDownloadReport, describeDownload } from './downloadReport.ts';

test.each([
  { received: 0, total: 112_600_000, from: null, says: '0.0 of 112.6 MB' },
  {
    received: 34_200_000,
    total: 112_600_000,
    from: 22_200_000,
    says: '34.2 of 112.6 MB, 2.4 MB/s, 32 s left',
  },
  { received: 34_200_000, total: null, from: 22_200_000, says: '34.2 MB, 2.4 MB/s' },
  { received: 34_200_000, total: 112_600_000, from: 34_200_000, says: '34.2 of 112.6 MB, waiting for data' },
])('shows bytes, rate and the time that is left: $says', ({ received, total, from, says }) => {
  const samples = from === null ? [] : [{ at: 1000, bytes: from }];
  expect(describeDownload({ receivedBytes: received, totalBytes: total }, samples, 6000)).toBe(says);
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function startReport(isTerminal: boolean) {
  const written: string[] = [];
  const report = createDownloadReport({
    output: { isTerminal, columns: 60, write: (text) => void written.push(text) },
    hint: 'Press Enter to open the browser now.',
    clock: () => Date.now(),
  });
  return { report, written };
}

test('when the output is a terminal, one line changes, not wider than the terminal', () => {
  const { report, written } = startReport(true);
  report.update({ receivedBytes: 0, totalBytes: 5_000_000 });
  vi.advanceTimersByTime(1000);
  report.update({ receivedBytes: 1_000_000, totalBytes: 5_000_000 });
  vi.advanceTimersByTime(500);
  report.end();
  expect(written.every((text) => text === '\n' || text.startsWith('\r\u001b[K'))).toBe(true);
  expect(Math.max(...written.map((text) => text.replace('\r\u001b[K', '').length))).toBe(59);
  expect(written.at(-2)).toContain("Electron's runtime: 1.0 of 5.0 MB, 0.7 MB/s, 6 s left.");
  expect(written.at(-1)).toBe('\n');
});

test('when the output is a file, a line is written every five seconds', () => {
  const { report, written } = startReport(false);
  report.update({ receivedBytes: 0, totalBytes: 5_000_000 });
  for (let second = 1; second <= 10; second += 1) {
    vi.advanceTimersByTime(1000);
    report.update({ receivedBytes: second * 100_000, totalBytes: 5_000_000 });
  }
  expect(written).toEqual([
    "Electron's runtime: 0.0 of 5.0 MB\n",
    "Electron's runtime: 0.4 of 5.0 MB, 0.1 MB/s, 57 s left\n",
    "Electron's runtime: 0.9 of 5.0 MB, 0.1 MB/s, 41 s left\n",
  ]);
  report.end();
});
