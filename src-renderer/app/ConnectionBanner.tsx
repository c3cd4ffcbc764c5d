import type { ConnectionState } from '../rpc/connection.ts';
import { Ago } from '../ui/feedback/Age.tsx';
import styles from './app.module.css';

/** While the console is unreachable, everything on the page is out of date, and this banner says so. */
export function ConnectionBanner({ state }: { state: ConnectionState }) {
  if (state.state === 'ended')
    return (
      <div className={styles.banner} role="alert">
        <strong>Signed out. Save the private key now: it can’t be shown again.</strong>
      </div>
    );
  if (state.state !== 'lost') return null;
  return (
    <div className={styles.banner} role="alert">
      <strong>Can’t reach the console. Values may be out of date.</strong> Reconnecting… Connection lost{' '}
      <Ago at={state.since} exact />
    </div>
  );
}
