import '../../../test-support/renderer/pageSetup.ts';
import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { notify } from './notify.ts';
import { UiProvider } from '../UiProvider.tsx';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a pop-up that leads somewhere goes away by itself after ten seconds', () => {
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
