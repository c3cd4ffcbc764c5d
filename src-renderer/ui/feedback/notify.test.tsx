import '../../../test-support/renderer/pageSetup.ts';
import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { notify } from './notify.ts';
import { UiProvider } from '../UiProvider.tsx';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('when a pop-up leads somewhere, it goes away after ten seconds', () => {
  render(<UiProvider env="test">{null}</UiProvider>);
  act(() =>
    notify({ title: 'Tunnel down', tone: 'bad', link: { to: '/tenants/kiln-01/acme', text: 'View tunnel' } }),
  );
  act(() => void vi.advanceTimersByTime(9_500));
  expect(screen.getByText('Tunnel down')).toBeDefined();
  act(() => void vi.advanceTimersByTime(600));
  // The duration of the fade-out.
  act(() => void vi.advanceTimersByTime(1_000));
  expect(screen.queryByText('Tunnel down')).toBeNull();
});

test.each([
  ['the pointer is over it', fireEvent.mouseEnter, fireEvent.mouseLeave],
  ['its button has the focus', fireEvent.focus, fireEvent.blur],
])('when %s, a pop-up with an action stays, and goes ten seconds later', (_when, hold, release) => {
  render(<UiProvider env="test">{null}</UiProvider>);
  act(() => notify({ title: 'Suspended', tone: 'ok', action: { text: 'Undo', run: () => {} } }));
  const shown = screen.getByRole('alert');
  const held = hold === fireEvent.focus ? screen.getByRole('button', { name: 'Undo' }) : shown;
  act(() => void hold(held));
  act(() => void vi.advanceTimersByTime(30_000));
  expect(screen.getByText('Suspended')).toBeDefined();
  act(() => void release(held));
  act(() => void vi.advanceTimersByTime(9_500));
  expect(screen.getByText('Suspended')).toBeDefined();
  act(() => void vi.advanceTimersByTime(600));
  // The time that it takes to fade.
  act(() => void vi.advanceTimersByTime(1_000));
  expect(screen.queryByText('Suspended')).toBeNull();
});

test.each([
  ['a click', () => fireEvent.click(screen.getByRole('button', { name: 'Undo' }))],
  ['Ctrl+Z', () => fireEvent.keyDown(document.documentElement, { key: 'z', code: 'KeyZ', ctrlKey: true })],
])(
  'when a second pop-up has an action, only that one is offered, also while the first fades: %s',
  (_, press) => {
    render(<UiProvider env="test">{null}</UiProvider>);
    const runFirst = vi.fn<() => void>();
    const run = vi.fn<() => void>();
    act(() => notify({ title: 'First', tone: 'ok', action: { text: 'Undo', run: runFirst } }));
    act(() => notify({ title: 'Second', tone: 'ok', action: { text: 'Undo', run } }));
    expect(screen.getByText('First')).toBeDefined();
    act(() => void press());
    expect(runFirst).not.toHaveBeenCalled();
    expect(run).toHaveBeenCalledOnce();
    act(() => void vi.advanceTimersByTime(1_000));
    expect(screen.queryByText('First')).toBeNull();
    expect(screen.queryByText('Second')).toBeNull();
  },
);
