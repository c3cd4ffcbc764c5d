import { use } from 'react';
import { NotificationBell } from '../features/notifications/NotificationBell.tsx';
import { useConsoleInfo } from '../features/system/queries.ts';
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

export function Header() {
  const about = useConsoleInfo().data;
  const connection = use(ConnectionContext);
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
        data-tone={connection.state === 'connected' ? 'ok' : 'unknown'}
        title="This page connects only to the console. The console connects only to your appliances, over SSH."
      >
        <i
          className={feedback.dot}
          data-tone={connection.state === 'connected' ? 'ok' : 'unknown'}
          aria-hidden="true"
        />
        Outbound: SSH only
      </span>
      <PartBoundary part="The bell">
        <NotificationBell />
      </PartBoundary>
      <SignOutButton />
    </header>
  );
}
