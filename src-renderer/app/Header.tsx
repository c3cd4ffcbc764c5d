import { use } from 'react';
import { NotificationBell } from '../features/notifications/NotificationBell.tsx';
import { useConsoleInfo, useOpenWindows } from '../features/system/queries.ts';
import { places } from '../state/places.ts';
import { openPalette } from '../ui/layout/CommandPalette.tsx';
import { PartBoundary } from '../ui/feedback/PartBoundary.tsx';
import { PlaceLink } from '../ui/layout/Place.tsx';
import { ConnectionContext } from './connectionContext.ts';
import { SignOutButton } from './SignOutButton.tsx';
import styles from './app.module.css';
import feedback from '../ui/feedback/feedback.module.css';
import layout from '../ui/layout/layout.module.css';
import text from '../ui/text/text.module.css';

function outboundOf(windows: number): string {
  if (windows === 0) return 'SSH only';
  return `SSH, ${windows} connected window${windows === 1 ? '' : 's'}`;
}

export function Header() {
  const about = useConsoleInfo().data;
  const connection = use(ConnectionContext);
  const windows = useOpenWindows() ?? [];
  const tone = connection.state !== 'connected' ? 'unknown' : windows.length > 0 ? 'warn' : 'ok';
  return (
    <header className={styles.header}>
      <PlaceLink to={places.fleet()} className={styles.brand} label="Sallyport: go to Fleet">
        <b aria-hidden="true">▚</b> <span className={styles.brandName}>Sallyport</span>
      </PlaceLink>
      <button type="button" className={styles.paletteField} onClick={openPalette}>
        <span className={text.clip}>Go to appliance, tenant, port, command…</span>
        <kbd>Ctrl+K</kbd>
      </button>
      <span className={layout.grow} />
      {about?.lab ? (
        <span
          className={feedback.chip}
          data-tone="accent"
          title="These appliances belong to Sallyport’s built-in lab"
        >
          lab
        </span>
      ) : null}
      {about === undefined ? null : (
        <span className={`${feedback.chip} ${styles.wideOnly}`}>
          operator <b className={`${text.clip} ${styles.operator}`}>{about.operator}</b> · role {about.role}
        </span>
      )}
      <span
        className={feedback.chip}
        data-tone={tone}
        title={[
          'This page connects only to the console. The console connects only to your appliances, over SSH.',
          ...windows.map(
            ({ applianceName, host, port }) =>
              `${applianceName} uses this computer’s network now, to reach ${host}:${port}.`,
          ),
        ].join('\n')}
      >
        <i className={feedback.dot} data-tone={tone} aria-hidden="true" />
        Outbound: {outboundOf(windows.length)}
      </span>
      <PartBoundary part="The bell">
        <NotificationBell />
      </PartBoundary>
      <SignOutButton />
    </header>
  );
}
