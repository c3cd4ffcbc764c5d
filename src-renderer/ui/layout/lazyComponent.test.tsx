import '../../../test-support/renderer/pageSetup.ts';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { PartBoundary } from '../feedback/PartBoundary.tsx';
import { UiProvider } from '../UiProvider.tsx';
import { lazyComponent } from './lazyComponent.tsx';

function Greeting({ name }: { name: string }) {
  return <p>Hello {name}</p>;
}

function show(Component: ReturnType<typeof lazyComponent<{ name: string }>>['Component']) {
  render(
    <UiProvider env="test">
      <PartBoundary part="This page">
        <Component props={{ name: 'kiln-01' }} fallback={<p>loading</p>} />
      </PartBoundary>
    </UiProvider>,
  );
}

test('when the code is not here yet, the frame shows until it is', async () => {
  let arrive = (_component: typeof Greeting): void => undefined;
  const { Component } = lazyComponent(() => new Promise<typeof Greeting>((resolve) => (arrive = resolve)));
  show(Component);
  expect(screen.getByText('loading')).toBeDefined();
  arrive(Greeting);
  expect(await screen.findByText('Hello kiln-01')).toBeDefined();
  expect(screen.queryByText('loading')).toBeNull();
});

test('when the code was preloaded, it is drawn at once and loaded once', async () => {
  const load = vi.fn<() => Promise<typeof Greeting>>(() => Promise.resolve(Greeting));
  const { Component, preload } = lazyComponent(load);
  await preload();
  show(Component);
  expect(screen.getByText('Hello kiln-01')).toBeDefined();
  expect(load).toHaveBeenCalledTimes(1);
});

test('when loading failed, Try again loads again', async () => {
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const load = vi.fn<() => Promise<typeof Greeting>>(() => Promise.resolve(Greeting));
  load.mockRejectedValueOnce(new Error('gone'));
  const { Component, preload } = lazyComponent(load);
  await expect(preload()).rejects.toThrow('gone');
  load.mockRejectedValueOnce(new Error('still gone'));
  show(Component);
  await userEvent.setup().click(await screen.findByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Hello kiln-01')).toBeDefined();
  expect(load).toHaveBeenCalledTimes(3);
  quiet.mockRestore();
});

test('when loading fails outside of any boundary, only that part shows it, in its own dialog', async () => {
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const load = vi.fn<() => Promise<typeof Greeting>>(() => Promise.resolve(Greeting));
  load.mockRejectedValueOnce(new Error('gone'));
  const { Component } = lazyComponent(load);
  render(
    <UiProvider env="test">
      <p>the rest</p>
      <Component
        part="The help"
        props={{ name: 'kiln-01' }}
        fallback={<p>loading</p>}
        dialog={{ title: 'Help', onClose: () => undefined }}
      />
    </UiProvider>,
  );
  const frame = within(await screen.findByRole('dialog', { name: 'Help' }));
  expect(frame.getByRole('alert').textContent).toContain('The help failed to load.');
  expect(screen.getByText('the rest')).toBeDefined();
  await userEvent.setup().click(frame.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Hello kiln-01')).toBeDefined();
  quiet.mockRestore();
});
