import { tokenMinutes } from '../../src-shared/contract/webSession.ts';
import type { PageEnd } from '../rpc/transports.ts';
import { useTitle } from '../ui/layout/useTitle.ts';
import styles from './app.module.css';
import textStyles from '../ui/text/text.module.css';

const signedOut = 'All tabs of this session are signed out. The console keeps running.';

const ends: Record<PageEnd, { title: string; text: string }> = {
  'token-refused': {
    title: 'This address is no longer valid',
    text: `An address opens the console once, within ${tokenMinutes} minutes. This one has been used, has expired, or was replaced by a newer one.`,
  },
  'not-signed-in': {
    title: 'This tab is not signed in',
    text: 'No other tab of this browser is signed in to this console.',
  },
  'session-unknown': {
    title: 'This session has ended',
    text: 'You signed out, the session timed out, or the console was restarted.',
  },
  'signed-out': {
    title: 'Signed out',
    text: signedOut,
  },
  idle: {
    title: 'Signed out due to inactivity',
    text: signedOut,
  },
};

/** `npm start` in a copy of the source; each copy has its own data folder by default. */
const startCommands = ['sallyport web', 'npm start'];

/** Replaces the page after the host refused it, and explains how to return. */
export function EndedPage({ reason }: { reason: PageEnd }) {
  const { title, text } = ends[reason];
  useTitle(title);
  return (
    <main className={styles.ended}>
      <span className={styles.brandMark} aria-hidden="true">
        ▚
      </span>
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        To sign in, press Enter in the terminal that runs Sallyport and open the address it prints. If
        Sallyport is not running, start it again, for example:
      </p>
      <pre className={textStyles.machine}>{startCommands.join('\n')}</pre>
    </main>
  );
}
