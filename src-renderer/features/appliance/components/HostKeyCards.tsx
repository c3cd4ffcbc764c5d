import { hostKeyDetailSchema } from '../../../../src-shared/errorFacts.ts';
import { useState } from 'react';
import { z } from 'zod';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { hostKeySchema, type HostKey } from '../../../../src-shared/model/appliance/hostKey.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { Fingerprint } from '../../../ui/text/Machine.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { useMay } from '../../system/queries.ts';
import { useAcceptHostKey, useDisconnect, useReplaceHostKey } from '../mutations.ts';
import { HostKeyCompare } from './HostKeyCompare.tsx';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

/** What the HOST_KEY_CHANGED error carries. */
const changedKeySchema = hostKeyDetailSchema.extend({ pinned: hostKeySchema });
export type ChangedKey = z.infer<typeof changedKeySchema>;

/** First contact with a hop: shows what it offers, and waits for a yes. */
export function FirstContactCard({
  view,
  hop,
  offered,
}: {
  view: ApplianceView;
  hop: string;
  offered: HostKey;
}) {
  const accept = useAcceptHostKey();
  const disconnect = useDisconnect();
  const mayAccept = useMay('admin');
  const { id } = view.entry;
  return (
    <Card tone="warn" title="First contact: is this the right machine?" label="First contact">
      <HostKeyCompare
        hop={hop}
        offered={offered}
        pinned={null}
        accepted={false}
        isInCard
        busy={accept.isPending}
        mayAccept={mayAccept}
        onAccept={() => accept.mutate({ id, fingerprint: offered.fingerprint })}
        onRefuse={() => disconnect.mutate({ id })}
      />
      {accept.error === null ? null : <ErrorNotice error={toErrorData(accept.error)} />}
    </Card>
  );
}

/** A pinned key that no longer fits: nothing was sent, and only a person who typed the name goes on. */
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

/** The card that the link's state asks for, if any. */
export function HostKeyCards({ view }: { view: ApplianceView }) {
  const replace = useReplaceHostKey();
  const mayReplace = useMay('admin');
  const { link, entry } = view;
  if (link.state === 'waiting-host-key')
    return <FirstContactCard view={view} hop={link.hop} offered={link.offered} />;
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
