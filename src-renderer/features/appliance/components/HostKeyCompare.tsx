import type { PinnedHostKey } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../../../../src-shared/model/appliance/hostKey.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Fingerprint } from '../../../ui/text/Machine.tsx';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

/** A fingerprint to compare with what the appliance's owner says. Nothing is pinned but by a press on Accept. */
export function HostKeyCompare(props: {
  hop: string;
  offered: HostKey;
  pinned: PinnedHostKey | null;
  accepted: boolean;
  busy?: boolean;
  /** The card around it is its frame. */
  isInCard?: boolean;
  /** Users who may not pin a key can still see it. */
  mayAccept?: boolean;
  onAccept: () => void;
  onRefuse: () => void;
}) {
  const { offered, pinned } = props;
  const differs = pinned !== null && pinned.fingerprint !== offered.fingerprint;
  return (
    <section
      className={styles.hostKey}
      aria-label={`Host key of ${props.hop}`}
      data-accepted={props.accepted}
      data-framed={props.isInCard !== true}
    >
      <p>
        <span className={`${text.mono} ${text.strong}`}>{props.hop}</span> shows this{' '}
        <span className={text.mono}>{offered.type}</span> host key:
      </p>
      <Fingerprint value={offered.fingerprint} label="Offered fingerprint" />
      {differs ? (
        <>
          <p className={feedback.word} data-tone="bad">
            This is not the key pinned for this address on {pinned.pinnedAt.slice(0, 10)} by {pinned.pinnedBy}
            :
          </p>
          <Fingerprint value={pinned.fingerprint} label="Pinned fingerprint" />
        </>
      ) : (
        <p className={text.sub}>
          {pinned === null
            ? 'Compare it with the fingerprint from the appliance’s owner, or run ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on the appliance. Accept only if every character matches.'
            : 'It matches the key already pinned for this address.'}
        </p>
      )}
      <div className={layout.row}>
        {props.accepted ? (
          <span className={`${feedback.word} ${text.strong}`} data-tone="ok">
            ✓ accepted
          </span>
        ) : differs || props.mayAccept === false ? null : (
          <Button kind="primary" onClick={props.onAccept} busy={props.busy ?? false}>
            Accept
          </Button>
        )}
        {props.mayAccept === false ? (
          <span className={text.sub}>Only an admin may accept it.</span>
        ) : (
          <Button onClick={props.onRefuse}>{props.accepted ? 'Undo' : 'Don’t accept'}</Button>
        )}
      </div>
    </section>
  );
}
