import { createHashHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { places } from '../state/places.ts';
import { EmptyState } from '../ui/feedback/States.tsx';
import { Page, PageHead } from '../ui/layout/Page.tsx';
import { PlaceLink } from '../ui/layout/Place.tsx';
import { pages } from './pages.tsx';
import { Shell } from './Shell.tsx';

export function createPageRouter() {
  const root = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage });
  const routes = pages.flatMap((page) =>
    page.routes.map((route) => createRoute({ getParentRoute: () => root, ...route })),
  );
  return createRouter({ routeTree: root.addChildren(routes), history: createHashHistory() });
}

function NoSuchPage() {
  return (
    <Page>
      <PageHead title="Page not found" />
      <EmptyState
        title="There is nothing at this address"
        action={<PlaceLink to={places.fleet()}>Go to the fleet</PlaceLink>}
      >
        The link may be old, or mistyped.
      </EmptyState>
    </Page>
  );
}
