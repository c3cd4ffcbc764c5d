import { tokenMinutes } from '../../src-shared/contract/webSession.ts';
import type { PageEnd } from '../rpc/transports.ts';
import { useTitle } from '../ui/layout/useTitle.ts';

const signedOut = 'All tabs of this session are signed out. Sallyport itself keeps running.';

const ends: Record<PageEnd, { title: string; text: string }> = {
  'token-refused': {
    title: 'This address is no longer valid',
    text: `An address opens the console once, within ${tokenMinutes} minutes. This one was used before, has expired, or a newer one was printed.`,
  },
  'not-signed-in': {
    title: 'This tab is not signed in',
    text: 'No other tab of this browser is signed in to this console.',
  },
  'session-unknown': {
    title: 'This session has ended',
    text: 'It was signed out, was idle for too long, or Sallyport was started again.',
  },
  'signed-out': {
    title: 'Signed out',
    text: signedOut,
  },
  idle: {
    title: 'Signed out: no input for a long time',
    text: signedOut,
  },
};

/** `npm start` from a copy of the source; each has its own data folder by default. */
const startCommands = ['sallyport web', 'npm start'];

/** What is left of the page after the host refused it, with the way back in. */
export function EndedPage({ reason }: { reason: PageEnd }) {
  const { title, text } = ends[reason];
  useTitle(title);
  return (
    <main className="ended">
      <span className="brand-mark" aria-hidden="true">
        ▚
      </span>
      <h1>{title}</h1>
      <p>{text}</p>
      <p>
        To sign in, press Enter in the terminal where Sallyport runs and open the address that it prints. If
        it no longer runs, start it with the same command as before, for example:
      </p>
      <pre className="machine">{startCommands.join('\n')}</pre>
    </main>
  );
}
