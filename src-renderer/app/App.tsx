import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState, useSyncExternalStore } from 'react';
import { visibleText } from '../../src-shared/base/machineText.ts';
import { ConsoleProvider, createConsoleClient } from '../rpc/client.tsx';
import type { Connection } from '../rpc/connection.ts';
import { toErrorData } from '../rpc/errors.ts';
import { useHasUnsavedKey } from '../state/unsavedKeys.ts';
import { FreshnessProvider } from '../ui/feedback/freshness.tsx';
import { notify } from '../ui/feedback/notify.ts';
import { UiProvider } from '../ui/UiProvider.tsx';
import { ConnectionContext, SignOutContext } from './connectionContext.ts';
import { createPageRouter } from './router.tsx';
import { EndedPage } from './EndedPage.tsx';

/** Shows failed actions at the edge of the page unless their own form shows the error. */
function createQueryClient(): QueryClient {
  return new QueryClient({
    mutationCache: new MutationCache({
      onError: (thrown, _variables, _context, mutation) => {
        if (mutation.meta?.['errorShown'] === 'in-place') return;
        const error = toErrorData(thrown);
        notify({ title: error.code, text: visibleText(error.message), tone: 'bad' });
      },
    }),
    defaultOptions: {
      queries: { retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
}

/** The whole page, on one connection to its console. */
export function App({ connection }: { connection: Connection }) {
  const [parts] = useState(() => ({
    access: createConsoleClient(connection.link),
    queryClient: createQueryClient(),
    router: createPageRouter(),
  }));
  const state = useSyncExternalStore(connection.subscribe, connection.state);
  const hasUnsavedKey = useHasUnsavedKey();
  return (
    <UiProvider>
      {state.state === 'ended' && !hasUnsavedKey ? (
        <EndedPage reason={state.reason} />
      ) : (
        <QueryClientProvider client={parts.queryClient}>
          <ConsoleProvider access={parts.access}>
            <ConnectionContext value={state}>
              <SignOutContext value={connection.signOut}>
                <FreshnessProvider reachable={state.state !== 'lost' && state.state !== 'ended'}>
                  <RouterProvider router={parts.router} />
                </FreshnessProvider>
              </SignOutContext>
            </ConnectionContext>
          </ConsoleProvider>
        </QueryClientProvider>
      )}
    </UiProvider>
  );
}
