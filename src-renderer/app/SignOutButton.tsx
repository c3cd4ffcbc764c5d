import { use, useState } from 'react';
import { Button } from '../ui/layout/Button.tsx';
import { notify } from '../ui/feedback/notify.ts';
import { ConnectionContext, SignOutContext } from './connectionContext.ts';

/** Only for hosts with sessions. The desktop host's session ends with its window. */
export function SignOutButton() {
  const signOut = use(SignOutContext);
  const isConnected = use(ConnectionContext).state === 'connected';
  const [isBusy, setBusy] = useState(false);
  if (signOut === null) return null;
  const onClick = async (): Promise<void> => {
    setBusy(true);
    try {
      await signOut();
    } catch {
      notify({ title: 'Not signed out', text: 'Can’t reach the console. Try again.', tone: 'bad' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      kind="quiet"
      small
      busy={isBusy}
      disabled={!isConnected}
      title="Ends this session in all tabs. The console keeps running."
      onClick={() => void onClick()}
    >
      Sign out
    </Button>
  );
}
