import '../../../test-support/renderer/pageSetup.ts';
import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Age } from './Age.tsx';
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

test('an age ticks each second and turns old after 30 s', () => {
  render(<Age observedAt={seen} />);
  const age = screen.getByTestId('age');
  expect(age.textContent).toBe('2 s');
  expect(age.dataset['old']).toBe('false');
  pass(1000);
  expect(age.textContent).toBe('3 s');
  pass(27_000);
  expect(age.textContent).toBe('30 s');
  expect(age.dataset['old']).toBe('false');
  pass(1000);
  expect(age.textContent).toBe('31 s');
  expect(age.dataset['old']).toBe('true');
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

test('green degrades by itself once nobody answers', () => {
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
