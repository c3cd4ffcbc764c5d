import type { ConnectionState } from '../rpc/connection.ts';
import { Ago } from '../ui/feedback/Age.tsx';
import styles from './app.module.css';

/** While the console is unreachable, everything on the page is out of date, and this banner says so. */
export function ConnectionBanner({ state }: { state: ConnectionState }) {
  if (state.state !== 'lost') return null;
  return (
    <div className={styles.banner} role="alert">
      <strong>Can’t reach the console. Values may be out of date.</strong> Reconnecting… Connection lost{' '}
      <Ago at={state.since} exact />
    </div>
  );
}
