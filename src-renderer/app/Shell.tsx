import { Outlet, useRouterState } from '@tanstack/react-router';
import { use } from 'react';
import { CodeHelp } from '../features/codes/CodeHelp.tsx';
import { ApplianceDialogs } from '../features/appliance/components/ApplianceDialogs.tsx';
import { SecretPrompts } from '../features/appliance/components/SecretPrompts.tsx';
import { useFleetWatch } from '../features/fleet/watch.ts';
import { useVault } from '../features/secrets/vaultQuery.ts';
import { usePolicy } from '../features/system/queries.ts';
import { closeBulk, useBulkRequest } from '../features/tenants/bulk/bulkRequest.ts';
import { TenantChangesProvider } from '../features/tenants/changes/index.ts';
import { usePageFocus } from '../ui/layout/focus.ts';
import { PartBoundary } from '../ui/feedback/PartBoundary.tsx';
import { setView, useViewState } from '../state/viewState.ts';
import { KeySheet } from '../ui/keyboard/KeySheet.tsx';
import { lazyComponent } from '../ui/layout/lazyComponent.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { ConnectionContext } from './connectionContext.ts';
import { Footer } from './Footer.tsx';
import { Header } from './Header.tsx';
import { useAppKeys, usePagesPreloaded } from './menuPages.ts';
import { Navigation } from './Navigation.tsx';
import { Palette } from './Palette.tsx';
import styles from './app.module.css';

const BulkDialog = lazyComponent(
  async () => (await import('../features/tenants/bulk/BulkDialog.tsx')).BulkDialog,
);

const VaultWatch = lazyComponent(async () => (await import('../features/secrets/VaultWatch.tsx')).VaultWatch);

const PolicyNotice = lazyComponent(
  async () => (await import('../features/system/PolicyNotice.tsx')).PolicyNotice,
);

/**
 * Returns the ID of the page for error boundaries: all pages of an appliance share one, other pages use their
 * path.
 */
function getPageId(pathname: string): string {
  return pathname
    .split('/')
    .slice(0, pathname.startsWith('/appliance/') ? 3 : 2)
    .join('/');
}

/**
 * Returns the ID of the open page. Each appliance has its own; a tunnel in the address doesn't change the ID.
 */
function findOpenPage({
  matches,
}: {
  matches: readonly { routeId: string; params: { name?: string } }[];
}): string {
  const { routeId = '', params } = matches.at(-1) ?? {};
  return `${routeId} ${routeId.includes('/$name') ? params?.name : ''}`;
}

/** Header, navigation, page and footer. If one of them fails, the others keep working. */
export function Shell() {
  const connection = use(ConnectionContext);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  useFleetWatch(connection.state === 'connected' ? connection.generation : null);
  useAppKeys();
  usePageFocus(useRouterState({ select: findOpenPage }));
  const hasBulk = useBulkRequest(({ request }) => request !== null);
  const showingKeys = useViewState((state) => state.showingKeys);
  const policy = usePolicy().data;
  const vault = useVault();
  usePagesPreloaded();
  return (
    <TenantChangesProvider>
      <div className={styles.shell}>
        <a
          href="#main"
          className={styles.skip}
          onClick={(event) => {
            event.preventDefault();
            document.querySelector<HTMLElement>('main')?.focus();
          }}
        >
          Skip to content
        </a>
        <Header />
        <PartBoundary part="The navigation">
          <Navigation pathname={pathname} />
        </PartBoundary>
        <main id="main" tabIndex={-1}>
          <ConnectionBanner state={connection} />
          {policy?.notice == null ? null : <PolicyNotice.Component props={policy.notice} fallback={null} />}
          <PartBoundary key={getPageId(pathname)} part="This page">
            <Outlet />
          </PartBoundary>
        </main>
        <PartBoundary part="The status bar">
          <Footer />
        </PartBoundary>
        <Palette />
        <ApplianceDialogs pathname={pathname} />
        <SecretPrompts />
        {vault !== undefined && (vault.condition === 'unlocked' || vault.waiting > 0) ? (
          <VaultWatch.Component props={{ vault }} fallback={null} />
        ) : null}
        {hasBulk ? (
          <BulkDialog.Component
            props={{}}
            fallback={null}
            dialog={{ title: 'Change tenants', onClose: closeBulk }}
          />
        ) : null}
        <CodeHelp />
        <KeySheet opened={showingKeys} onClose={() => setView({ showingKeys: false })} />
      </div>
    </TenantChangesProvider>
  );
}
