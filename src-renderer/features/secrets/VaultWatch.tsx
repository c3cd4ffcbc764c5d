import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { secondMs } from '../../../src-shared/base/time.ts';
import { lockCountdownSeconds, type VaultState } from '../../../src-shared/model/secrets/vault.ts';
import { useConsole } from '../../rpc/client.tsx';
import { useNow } from '../../ui/feedback/now.ts';
import { Button } from '../../ui/layout/Button.tsx';
import { Dialog } from '../../ui/layout/Dialog.tsx';
import { UnlockForm } from './UnlockForm.tsx';
import { useChangeSecrets } from './useSecrets.ts';
import styles from './secrets.module.css';
import text from '../../ui/text/text.module.css';

/** Input is reported at most this often, because it is only compared with minutes. */
const touchEveryMs = 10 * secondMs;
const inputs = ['keydown', 'pointerdown', 'wheel'] as const;

/** Tells the console of the operator's input, so that the vault stays unlocked while the operator works. */
function useTouch(): () => void {
  const { client, queries } = useConsole();
  const queryClient = useQueryClient();
  const lastTouch = useRef(-Infinity);
  const touch = useCallback(() => {
    lastTouch.current = performance.now();
    client.secrets.touch({}).then(
      (answer) => queryClient.setQueryData(queries.secrets.vault.queryKey({ input: {} }), answer),
      // Without a connection, the page has other news.
      () => undefined,
    );
  }, [client, queries, queryClient]);
  useEffect(() => {
    const onInput = () => {
      if (performance.now() - lastTouch.current >= touchEveryMs) touch();
    };
    for (const name of inputs) addEventListener(name, onInput, { passive: true });
    return () => {
      for (const name of inputs) removeEventListener(name, onInput);
    };
  }, [touch]);
  return touch;
}

/** Counts down the last minute before the vault locks. */
function Countdown({ locksAt }: { locksAt: string }) {
  const stayUnlocked = useTouch();
  const queryClient = useQueryClient();
  const { queries } = useConsole();
  const seconds = Math.floor((Date.parse(locksAt) - useNow()) / secondMs);
  const isShown = seconds <= lockCountdownSeconds;
  useEffect(() => {
    // Another tab may have had input in the meantime.
    if (isShown) void queryClient.invalidateQueries({ queryKey: queries.secrets.vault.key() });
  }, [isShown, queryClient, queries]);
  if (!isShown) return null;
  return (
    <div className={styles.countdown} role="timer" aria-label="Vault lock">
      <span>
        The vault locks in <b>{Math.max(0, seconds)} s</b>. Open connections stay open.
      </span>
      <Button small onClick={stayUnlocked}>
        Stay unlocked
      </Button>
    </div>
  );
}

/** The countdown before the vault locks, and the dialog that unlocks it for waiting sign-ins. */
export function VaultWatch({ vault }: { vault: VaultState }) {
  const { change } = useChangeSecrets();
  const { condition, protection, locksAt, waiting } = vault;
  const dismiss = () => change((secrets) => secrets.dismissUnlock({}));
  return (
    <>
      {condition === 'unlocked' && locksAt !== null ? <Countdown locksAt={locksAt} /> : null}
      <Dialog
        opened={condition === 'locked' && waiting > 0}
        onClose={dismiss}
        title="Unlock the vault"
        size={460}
      >
        <p className={text.sub}>
          {waiting === 1 ? 'A sign-in waits' : `${waiting} sign-ins wait`} for a secret in the vault.
        </p>
        <UnlockForm protection={protection} onDismiss={dismiss} />
      </Dialog>
    </>
  );
}
