import { hostKeyDetailSchema } from '../../../../src-shared/errorFacts.ts';
import { useState } from 'react';
import { z } from 'zod';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { hostKeySchema, type HostKey } from '../../../../src-shared/model/appliance/hostKey.ts';
import type { KnownHostsAnswer } from '../../../../src-shared/model/appliance/knownHostsAnswer.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Fingerprint } from '../../../ui/text/Machine.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { useMay } from '../../system/queries.ts';
import { useAcceptHostKey, useDisconnect, useReplaceHostKey } from '../mutations.ts';
import { HostKeyCheck, useHostKeyCheck } from './HostKeyCheck.tsx';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

/** The detail of a HOST_KEY_CHANGED error. */
const changedKeySchema = hostKeyDetailSchema.extend({ pinned: hostKeySchema });
export type ChangedKey = z.infer<typeof changedKeySchema>;

type FirstContact = {
  view: ApplianceView;
  hop: string;
  offered: HostKey;
  knownHosts: KnownHostsAnswer | null;
};

/**
 * Shows the key that a hop offers at the first connection. Connects only after the user has compared the key.
 */
export function FirstContactCard({ view, hop, offered, knownHosts }: FirstContact) {
  const accept = useAcceptHostKey();
  const disconnect = useDisconnect();
  const mayAccept = useMay('admin');
  const { id } = view.entry;
  const hostKey = { offered, pinned: null, knownHosts };
  const check = useHostKeyCheck(hostKey);
  const canAccept = check.comparison?.canAccept === true;
  const expected = check.typed.expected.trim() === '' ? null : check.typed.expected.trim();
  return (
    <Card tone="warn" title="First connection: is this the right machine?" label="First connection">
      <Form
        className={layout.stack}
        onSubmit={() => {
          if (canAccept && mayAccept) accept.mutate({ id, fingerprint: offered.fingerprint, expected });
        }}
      >
        <HostKeyCheck hop={hop} hostKey={hostKey} check={check} isFramed={false} mayAccept={mayAccept} />
        {accept.error === null ? null : <ErrorNotice error={toErrorData(accept.error)} />}
        {mayAccept ? (
          <div className={layout.row}>
            <Button
              kind="primary"
              submit
              busy={accept.isPending}
              disabled={!canAccept}
              title={check.comparison?.text ?? ''}
            >
              Accept
            </Button>
            <Button onClick={() => disconnect.mutate({ id })}>Don’t accept</Button>
          </div>
        ) : (
          <p className={text.sub}>Only an admin may accept it.</p>
        )}
      </Form>
    </Card>
  );
}

/**
 * Shown if a hop offers a different key from the pinned one. To replace the pinned key, the user types the
 * appliance’s name.
 */
export function ChangedKeyCard({
  name,
  changed,
  busy,
  mayReplace,
  onReplace,
}: {
  name: string;
  changed: ChangedKey;
  busy: boolean;
  mayReplace: boolean;
  onReplace: () => void;
}) {
  const [typed, setTyped] = useState('');
  return (
    <Card
      tone="bad"
      title="Stopped: the host key changed"
      label="Host key changed"
      aside={
        <span className={feedback.chip} data-tone="bad">
          HOST_KEY_CHANGED
        </span>
      }
    >
      <div className={layout.stack}>
        <p>
          <span className={`${text.mono} ${text.strong}`}>{changed.hop}</span> offered a different key from
          the pinned one. Nothing was sent after the key exchange: no user name, no password, no command.
        </p>
        <div className={styles.fingerprints}>
          <div>
            <p className={text.sub}>
              Pinned ({changed.pinned.type === '' ? 'type unknown' : changed.pinned.type})
            </p>
            <Fingerprint value={changed.pinned.fingerprint} label="Pinned fingerprint" />
          </div>
          <div>
            <p className={text.sub}>Offered now ({changed.offered.type})</p>
            <Fingerprint value={changed.offered.fingerprint} label="Offered fingerprint" />
          </div>
        </div>
        <p className={text.sub}>
          The machine may have been reinstalled or have a new key, the address may lead to another machine, or
          someone may be intercepting the connection. Ask the appliance’s owner for its fingerprint before you
          replace anything.
        </p>
        {mayReplace ? (
          <Form
            className={`${layout.row} ${styles.confirm}`}
            onSubmit={() => {
              if (typed === name) onReplace();
            }}
          >
            <TextField
              label={`Type ${name} to replace the pinned key`}
              value={typed}
              onChange={setTyped}
              machine
            />
            <Button kind="danger" submit disabled={typed !== name} busy={busy}>
              Replace pinned key
            </Button>
          </Form>
        ) : (
          <p className={text.sub}>Only an admin may replace it.</p>
        )}
      </div>
    </Card>
  );
}

/** The card for the link's state: a first connection or a changed host key. Nothing for other states. */
export function HostKeyCards({ view }: { view: ApplianceView }) {
  const replace = useReplaceHostKey();
  const mayReplace = useMay('admin');
  const { link, entry } = view;
  if (link.state === 'waiting-host-key')
    return (
      <FirstContactCard
        key={link.offered.fingerprint}
        view={view}
        hop={link.hop}
        offered={link.offered}
        knownHosts={link.knownHosts ?? null}
      />
    );
  if (link.state !== 'stopped' || link.error.code !== 'HOST_KEY_CHANGED') return null;
  const changed = changedKeySchema.safeParse(link.error.detail);
  if (!changed.success) return <ErrorNotice error={link.error} />;
  return (
    <>
      <ChangedKeyCard
        key={changed.data.offered.fingerprint}
        name={entry.name}
        changed={changed.data}
        busy={replace.isPending}
        mayReplace={mayReplace}
        onReplace={() =>
          replace.mutate({
            id: entry.id,
            oldFingerprint: changed.data.pinned.fingerprint,
            newFingerprint: changed.data.offered.fingerprint,
          })
        }
      />
      {replace.error === null ? null : <ErrorNotice error={toErrorData(replace.error)} />}
    </>
  );
}
