import '../../../test-support/renderer/pageSetup.ts';
import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Age, Ago } from './Age.tsx';
import { FreshnessProvider } from './freshness.tsx';
import { ToneChip, ToneDot, ToneWord } from './Tone.tsx';

const start = Date.parse('2026-11-20T09:30:00.000Z');
const seen = '2026-11-20T09:29:58.000Z';

beforeEach(() => vi.useFakeTimers({ now: start }));
afterEach(() => vi.useRealTimers());

function pass(milliseconds: number): void {
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });
}

test('when time passes, an age changes in steps and turns old after 30 s', () => {
  render(<Age observedAt={seen} />);
  const age = screen.getByTestId('age');
  const shown = (): string[] => [age.textContent, age.dataset['old'] ?? ''];
  expect(shown()).toEqual(['< 10 s', 'false']);
  pass(7000);
  expect(shown()).toEqual(['< 10 s', 'false']);
  pass(1000);
  expect(shown()).toEqual(['10 s', 'false']);
  pass(20_000);
  expect(shown()).toEqual(['30 s', 'false']);
  pass(1000);
  expect(shown()).toEqual(['30 s', 'true']);
  pass(29_000);
  expect(shown()).toEqual(['1 min', 'true']);
});

test('when a value was seen a moment ago, its age is now', () => {
  render(<Age observedAt={new Date(start - 1000).toISOString()} />);
  expect(screen.getByTestId('age').textContent).toBe('now');
});

test('when one age is the value in focus, it ticks each second', () => {
  render(<Ago at={seen} exact />);
  expect(screen.getByText('2 s')).toBeDefined();
  pass(1000);
  expect(screen.getByText('3 s')).toBeDefined();
});

test('when the page is hidden, nothing ticks; when it shows again, ages are right at once', () => {
  let isHidden = false;
  const hidden = vi.spyOn(document, 'hidden', 'get').mockImplementation(() => isHidden);
  const setHidden = (next: boolean): void => {
    isHidden = next;
    act(() => {
      document.dispatchEvent(new Event('visibilitychange'));
    });
  };
  render(<Age observedAt={seen} />);
  setHidden(true);
  expect(vi.getTimerCount()).toBe(0);
  pass(60_000);
  expect(screen.getByTestId('age').textContent).toBe('< 10 s');
  setHidden(false);
  expect(screen.getByTestId('age').textContent).toBe('1 min');
  expect(screen.getByTestId('age').dataset['old']).toBe('true');
  hidden.mockRestore();
});

test('a value never seen says so and is never green', () => {
  render(
    <>
      <Age observedAt={null} />
      <ToneWord tone="ok" observedAt={null}>
        listening
      </ToneWord>
    </>,
  );
  expect(screen.getByTestId('age').textContent).toBe('never');
  expect(screen.getByText(/listening/u).dataset['tone']).toBe('old');
});

test('when no answers come, green becomes old', () => {
  render(
    <ToneWord tone="ok" observedAt={seen}>
      listening
    </ToneWord>,
  );
  expect(screen.getByText('listening').dataset['tone']).toBe('ok');
  pass(29_000);
  expect(screen.getByText('was listening').dataset['tone']).toBe('old');
});

test('what is asked for once a minute may be older before it counts as old', () => {
  render(
    <ToneChip tone="ok" observedAt={seen} freshForMs={150_000}>
      212 d
    </ToneChip>,
  );
  pass(147_000);
  expect(screen.getByText('212 d').dataset['tone']).toBe('ok');
  pass(3000);
  expect(screen.getByText('was 212 d').dataset['tone']).toBe('old');
});

test('bad news stays bad news, however old', () => {
  render(
    <ToneChip tone="bad" observedAt={seen}>
      stale listener
    </ToneChip>,
  );
  pass(3_600_000);
  expect(screen.getByText('stale listener').dataset['tone']).toBe('bad');
});

test('while the console is not reachable nothing is green, however fresh', () => {
  render(
    <FreshnessProvider reachable={false}>
      <ToneDot tone="ok" observedAt={seen} label="kiln-01" />
      <Age observedAt={seen} />
    </FreshnessProvider>,
  );
  expect(screen.getByRole('img', { name: 'kiln-01: out of date' }).dataset['tone']).toBe('old');
  expect(screen.getByTestId('age').dataset['old']).toBe('true');
});
