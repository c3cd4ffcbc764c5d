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

test('when a second pop-up has an action, it replaces the first, so that one is offered at a time', () => {
  render(<UiProvider env="test">{null}</UiProvider>);
  const run = vi.fn<() => void>();
  act(() => notify({ title: 'First', tone: 'ok', action: { text: 'Undo', run } }));
  act(() => notify({ title: 'Second', tone: 'ok', action: { text: 'Undo', run } }));
  act(() => void vi.advanceTimersByTime(1_000));
  expect(screen.queryByText('First')).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
  act(() => void vi.advanceTimersByTime(1_000));
  expect(run).toHaveBeenCalledOnce();
  expect(screen.queryByText('Second')).toBeNull();
});
