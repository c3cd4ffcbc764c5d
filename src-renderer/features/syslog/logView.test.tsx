import '../../../test-support/renderer/pageSetup.ts';
import { fireEvent, render, renderHook, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { act } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { applianceId, observedAt } from '../../../test-support/renderer/samples.ts';
import { createLogBuffer } from './buffer.ts';
import { LogView } from './components/LogView.tsx';
import { useLineChoice, useLogKeys } from './useLineChoice.ts';
import { drawEveryMs, useLog } from './useLog.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function line(seq: number) {
  return {
    seq,
    applianceId,
    receivedAt: observedAt,
    time: observedAt,
    host: 'kiln-01',
    program: 'sshd',
    pid: seq,
    severity: 'info',
    severityFrom: 'words',
    head: `Nov 20 09:29:58 kiln-01 sshd[${seq}]: `,
    message: `line ${seq}`,
    kind: 'line',
  } as const;
}

/** The log as the page shows it, with its keys. */
function ShownLog({
  buffer,
  nameOf = () => 'kiln-01',
}: {
  buffer: ReturnType<typeof createLogBuffer>;
  nameOf?: (id: string) => string;
}) {
  const choice = useLineChoice(buffer);
  useLogKeys({ buffer, choice, toggleWrap: () => undefined });
  return <LogView buffer={buffer} snapshot={useLog(buffer)} nameOf={nameOf} query="" choice={choice} />;
}

function push(buffer: ReturnType<typeof createLogBuffer>, ...seqs: number[]): void {
  buffer.push({ dropped: 0, linesPerSecond: 10, lines: seqs.map(line) });
}

test('when padding stands before a line, it shows before the text, and the ID of a container as it is', () => {
  const buffer = createLogBuffer();
  const head = '[200000 NUL bytes]Nov 20 09:29:58 kiln-01 docker/web[8f3a]: ';
  buffer.push({
    dropped: 0,
    linesPerSecond: 1,
    lines: [{ ...line(1), program: 'docker/web', pid: null, head, message: 'started' }],
  });
  render(<ShownLog buffer={buffer} />);
  expect(screen.getByRole('option').textContent).toMatch(
    /docker\/web\[8f3a\].*\[200000 NUL bytes\] started$/u,
  );
});

test('when a line contains markup and control characters, they show as text', () => {
  const buffer = createLogBuffer();
  buffer.push({
    dropped: 0,
    linesPerSecond: 1,
    lines: [
      {
        seq: 1,
        applianceId,
        receivedAt: observedAt,
        time: observedAt,
        host: 'kiln-01',
        program: 'logger',
        pid: 7,
        severity: 'err',
        severityFrom: 'words',
        head: '',
        message: '<script>alert(1)</script> \u001b[2J',
        kind: 'line',
      },
    ],
  });
  const { container } = render(<ShownLog buffer={buffer} />);
  expect(container.querySelector('script')).toBeNull();
  expect(screen.getByTestId('log-line').textContent).toContain('<script>alert(1)</script> ␛[2J');
  const severity = screen.getByTitle('err, guessed from the text');
  expect([severity.textContent, severity.dataset['edge']]).toEqual(['err', 'bad']);
});

test('when lines arrive one by one, the log is drawn at most twice a second', () => {
  vi.useFakeTimers();
  const buffer = createLogBuffer();
  let drawings = 0;
  const { result } = renderHook(() => {
    drawings += 1;
    return useLog(buffer);
  });
  drawings = 0;
  for (let seq = 0; seq < 100; seq += 1) {
    push(buffer, seq);
    act(() => {
      vi.advanceTimersByTime(20);
    });
  }
  expect(drawings).toBeGreaterThan(2);
  expect(drawings).toBeLessThanOrEqual(2000 / drawEveryMs + 1);
  act(() => {
    vi.advanceTimersByTime(drawEveryMs);
  });
  expect(result.current.rows).toHaveLength(100);
});

test('when the page is hidden, nothing is drawn; when it shows again, all lines are there at once', () => {
  vi.useFakeTimers();
  let isHidden = true;
  const hidden = vi.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
  const buffer = createLogBuffer();
  let drawings = 0;
  const { result } = renderHook(() => {
    drawings += 1;
    return useLog(buffer);
  });
  push(buffer, 1, 2);
  vi.advanceTimersByTime(10_000);
  expect(drawings).toBe(1);
  isHidden = false;
  act(() => {
    document.dispatchEvent(new Event('visibilitychange'));
  });
  expect(result.current.rows).toHaveLength(2);
  hidden.mockRestore();
});

test('when lines are added, those that stay in sight are not drawn again', () => {
  const buffer = createLogBuffer();
  const nameOf = vi.fn<(id: string) => string>(() => 'kiln-01');
  const show = () => <ShownLog buffer={buffer} nameOf={nameOf} />;
  push(buffer, 1, 2, 3);
  const { rerender } = render(show());
  const [first] = screen.getAllByTestId('log-line');
  nameOf.mockClear();
  push(buffer, 4);
  rerender(show());
  expect(screen.getAllByTestId('log-line').map((row) => /line \d/u.exec(row.textContent)?.[0])).toEqual([
    'line 1',
    'line 2',
    'line 3',
    'line 4',
  ]);
  expect(screen.getAllByTestId('log-line')[0]).toBe(first);
  expect(nameOf).toHaveBeenCalledTimes(1);
});

test('when there are many lines, only the newest around what is seen are drawn', () => {
  const buffer = createLogBuffer();
  push(buffer, ...Array.from({ length: 5000 }, (_, seq) => seq));
  render(<ShownLog buffer={buffer} />);
  const rows = screen.getAllByTestId('log-line');
  expect(rows.length).toBeLessThan(120);
  expect(rows.at(-1)?.textContent).toContain('line 4999');
});

const chosen = () =>
  screen.getAllByRole('option', { selected: true }).map((row) => /line \d+$/u.exec(row.textContent)?.[0]);

test('when lines are chosen by mouse or keys, they are copied as the appliance wrote them', async () => {
  const user = userEvent.setup();
  const buffer = createLogBuffer();
  push(buffer, 1, 2, 3, 4);
  render(<ShownLog buffer={buffer} />);
  fireEvent.click(screen.getByText('line 2'));
  expect(chosen()).toEqual(['line 2']);
  expect(buffer.snapshot().following).toBe(false);
  fireEvent.click(screen.getByText('line 4'), { shiftKey: true });
  expect(chosen()).toEqual(['line 2', 'line 3', 'line 4']);
  act(() => screen.getByRole('listbox', { name: 'Syslog lines' }).focus());
  await user.keyboard('{Home}{Shift>}{ArrowDown}{/Shift}');
  expect(chosen()).toEqual(['line 1', 'line 2']);
  await user.keyboard('{Control>}c{/Control}');
  expect(await navigator.clipboard.readText()).toBe(
    'Nov 20 09:29:58 kiln-01 sshd[1]: line 1\nNov 20 09:29:58 kiln-01 sshd[2]: line 2',
  );
  await user.keyboard('{Escape}');
  expect(screen.queryAllByRole('option', { selected: true })).toEqual([]);
});

test('when lines are chosen with Shift, the browser marks no text, and marked text does not stop the choice', () => {
  const buffer = createLogBuffer();
  push(buffer, 1, 2, 3);
  render(<ShownLog buffer={buffer} />);
  fireEvent.click(screen.getByText('line 1'));
  getSelection()?.selectAllChildren(screen.getByText('line 2'));
  const end = screen.getByText('line 3');
  expect(fireEvent.mouseDown(end, { shiftKey: true })).toBe(false);
  expect(getSelection()?.isCollapsed).toBe(true);
  // Browsers mark text between the two clicks unless the press was prevented.
  getSelection()?.selectAllChildren(screen.getByText('line 2'));
  fireEvent.click(end, { shiftKey: true });
  expect(chosen()).toEqual(['line 1', 'line 2', 'line 3']);
  expect(fireEvent.mouseDown(end)).toBe(true);
});

test('when Space or End is pressed, the log pauses and follows', async () => {
  const user = userEvent.setup();
  const buffer = createLogBuffer();
  push(buffer, 1);
  render(<ShownLog buffer={buffer} />);
  await user.keyboard(' ');
  expect(buffer.snapshot().following).toBe(false);
  await user.keyboard('{End}');
  expect(buffer.snapshot().following).toBe(true);
});

test('when a line has whole seconds, no finer time is shown', () => {
  const buffer = createLogBuffer();
  push(buffer, 1);
  render(<ShownLog buffer={buffer} />);
  expect(screen.getByTestId('log-line').textContent).toMatch(/^11-20 \d\d:\d\d:58info/u);
});

/** A long log of lines that are 20 pixels high, paused and scrolled to `top`. */
function openLongLog(top: number) {
  const buffer = createLogBuffer();
  push(buffer, ...Array.from({ length: 5000 }, (_, seq) => seq));
  vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockReturnValue(100_000);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(20);
  vi.spyOn(HTMLElement.prototype, 'offsetTop', 'get').mockImplementation(function top(this: HTMLElement) {
    return Number(this.dataset['row'] ?? 0) * 20;
  });
  render(<ShownLog buffer={buffer} />);
  const log = screen.getByTestId('log');
  const scrollTo = (position: number): void => {
    log.scrollTop = position;
    fireEvent.scroll(log);
  };
  act(() => buffer.pause());
  scrollTo(top);
  return { buffer, log, scrollTo };
}

test('when a paused log is scrolled far up and down again, the lines in sight are drawn', () => {
  const { buffer, scrollTo } = openLongLog(50_000);
  expect(screen.getByText('line 2500')).toBeDefined();
  scrollTo(0);
  expect(screen.getByText('line 0')).toBeDefined();
  scrollTo(90_000);
  expect(screen.getByText('line 4500')).toBeDefined();
  expect(buffer.snapshot().following).toBe(false);
});

test.each([
  ['many', 100, 'line 4950'],
  ['few', 1000, 'line 4000'],
])(
  'when a filter leaves %s lines of a paused log, the newest of them are drawn',
  async (_many, step, last) => {
    const { buffer, log } = openLongLog(50_000);
    vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockReturnValue(1000);
    act(() =>
      buffer.setFilter((row) => row.kind === 'line' && (row.line.seq === 4950 || row.line.seq % step === 0)),
    );
    expect(await screen.findByText(last)).toBeDefined();
    expect(log.scrollTop).toBe(1000);
    expect(buffer.snapshot().following).toBe(false);
    push(buffer, 5000);
    act(() => buffer.setFilter(null));
    fireEvent.scroll(log);
    expect(buffer.snapshot().unseen).toBe(1);
  },
);

test('when the keys reach the newest line, the log stays paused', async () => {
  const user = userEvent.setup();
  const { buffer, log } = openLongLog(50_000);
  act(() => log.focus());
  await user.keyboard('{ArrowUp}');
  fireEvent.scroll(log);
  expect(log.scrollTop).toBe(100_000 - log.clientHeight);
  expect(buffer.snapshot().following).toBe(false);
  expect(chosen()).toEqual(['line 4999']);
});

test('when a long log is paused at its end, the lines in sight stay drawn', () => {
  const { buffer, log } = openLongLog(50_000);
  act(() => buffer.follow());
  log.scrollTop = 99_400;
  fireEvent.scroll(log);
  act(() => buffer.pause());
  fireEvent.click(screen.getByText('line 4990'));
  expect(screen.getByText('line 4990')).toBeDefined();
  expect(screen.getByText('line 4999')).toBeDefined();
});
