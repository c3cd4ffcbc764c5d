import { type ReactNode, useState } from 'react';
import type {
  WindowClosed,
  WindowEnd,
  WindowPlan,
  WindowResult,
  WindowView,
} from '../../../../src-shared/model/licence/connectedWindow.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { MomentText } from '../../../ui/feedback/Moment.tsx';
import { CheckField } from '../../../ui/form/Fields.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Facts } from '../../../ui/layout/Card.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

const results: Record<WindowResult, string> = {
  renewed: 'The licence is renewed and was read back.',
  acceptable: 'The appliance would accept the new licence. Nothing was changed.',
  refused: 'The appliance refuses the new licence. Nothing was changed.',
  failed: 'The licence was not changed.',
  'rolled-back': 'The licence was not renewed. The one before was installed again.',
  different: 'The appliance shows another licence than it reported.',
  unknown: 'It is not known which licence is installed.',
};

const ends: Record<WindowEnd, string> = {
  'command-ended': 'the command ended',
  cancelled: 'on request',
  time: 'the time limit was reached',
  bytes: 'too many bytes',
  'link-lost': 'the link was lost',
  policy: 'the policy of this computer forbids it now',
  'console-ended': 'Sallyport ended while it was open',
};

type Proof = { text: string; tone: 'ok' | 'warn' | 'bad' };
const proofMarks = { ok: '✓', warn: '!', bad: '✕' } as const;

const listening = {
  true: { text: 'The port on the appliance still listens.', tone: 'bad' },
  false: { text: 'The port on the appliance no longer listens.', tone: 'ok' },
  null: { text: 'The appliance could not be asked about its port.', tone: 'warn' },
} as const;

function proofOf({ why, forward, isListening, openConnections }: WindowClosed): Proof[] {
  // If the link is lost, sshd may keep its end of the connection, and with it the port, for minutes.
  const isSeen = forward === 'confirmed' || isListening === false;
  return [
    { text: `Closed: ${ends[why]}.`, tone: isSeen ? 'ok' : 'warn' },
    {
      text:
        forward === 'confirmed'
          ? 'sshd on the appliance confirmed that the forward has ended.'
          : 'The SSH connection ended, and the forward with it.',
      tone: isSeen ? 'ok' : 'warn',
    },
    listening[`${isListening}`],
    {
      text: `${openConnections} connections to the authority are open on this computer.`,
      tone: openConnections === 0 ? 'ok' : 'bad',
    },
  ];
}

/** What a window did, and the proof that it is closed. After a check, renews. */
export function ResultStep({
  window,
  plan,
  seconds,
  isOpening,
  error,
  onOpen,
  onAgain,
  onClose,
}: {
  window: WindowView;
  plan: WindowPlan;
  /** The time limit of a renewal after the check. */
  seconds: number;
  isOpening: boolean;
  error: ReactNode;
  onOpen: (chosen: { plan: WindowPlan; seconds: number; isDryRun: boolean; acknowledged: string[] }) => void;
  onAgain: () => void;
  onClose: () => void;
}) {
  const [acknowledged, setAcknowledged] = useState<string[]>([]);
  const { finished, closed } = window;
  const losses = finished?.losses ?? [];
  const changes = (finished?.changes ?? []).filter(({ effect }) => effect !== 'same');
  const clock = finished?.output?.licence?.forecast.find(
    ({ item, outcome }) => item === 'clock' && outcome !== 'fits',
  );
  const isChecked = finished?.result === 'acceptable';
  return (
    <div className={layout.stack}>
      <output>
        <b>{results[finished?.result ?? 'unknown']}</b>
      </output>
      {finished?.failure == null ? null : <ErrorNotice error={finished.failure} />}
      {changes.length === 0 ? null : (
        <PlainList label="What changes">
          {changes.map(({ id, field, before, after, difference }) => (
            <li key={id}>
              <b>{field}</b> <MomentText text={`${before} → ${after}`} /> {difference}
            </li>
          ))}
        </PlainList>
      )}
      {clock === undefined ? null : (
        <p className={styles.voids}>
          <MomentText text={`Clock of the appliance: ${clock.detail}.`} />
        </p>
      )}
      {isChecked && losses.length > 0 ? <h3>Accept each loss before the licence is installed</h3> : null}
      {losses.map(({ id, sentence, tunnels }) =>
        isChecked ? (
          <CheckField
            key={id}
            label={`Accept: ${sentence}${tunnels.length === 0 ? '' : ` ${tunnels.map(({ clientId, port }) => `${clientId} ${port}`).join(', ')}`}`}
            checked={acknowledged.includes(id)}
            onChange={(isOn) =>
              setAcknowledged((now) => (isOn ? [...now, id] : now.filter((one) => one !== id)))
            }
          />
        ) : (
          <p key={id} className={styles.voids}>
            <MomentText text={`Lost: ${sentence}`} />
          </p>
        ),
      )}
      <SentFacts window={window} />
      {closed === null ? null : (
        <section className={layout.stack}>
          <h3>Proof that the window is closed</h3>
          <PlainList label="Proof that the window is closed">
            {proofOf(closed).map(({ text, tone }) => (
              <li key={text}>
                <span className={feedback.word} data-tone={tone} aria-hidden="true">
                  {proofMarks[tone]}{' '}
                </span>
                {text}
              </li>
            ))}
          </PlainList>
        </section>
      )}
      {error}
      <div className={`${layout.row} ${styles.dialogEnd}`}>
        <Button onClick={onAgain}>Open another window…</Button>
        {isChecked ? (
          <Button
            kind="primary"
            busy={isOpening}
            disabled={losses.some(({ id }) => !acknowledged.includes(id))}
            onClick={() => onOpen({ plan, seconds, isDryRun: false, acknowledged })}
          >
            Renew now
          </Button>
        ) : (
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        )}
      </div>
    </div>
  );
}

/** The appliance's own record of the fields that it sent, beside the bytes that this computer counted. */
function SentFacts({ window }: { window: WindowView }) {
  const exchange = window.finished?.output?.exchange ?? null;
  const ping = Object.entries(exchange?.ping ?? {}).map(([field, value]) => `${field}: ${value ?? 'none'}`);
  return (
    <>
      <Facts
        facts={[
          ['Host and port', <MachineText key="host" text={`${window.host}:${window.port}`} />],
          ['Carried', `${window.sentBytes} bytes to the authority, ${window.receivedBytes} back`],
          ...(exchange?.sent ?? []).map(
            ({ path, bytes, fields }) =>
              [
                `Sent ${path}`,
                <MachineText key={path} text={`${fields.join(', ')} (${bytes} bytes)`} />,
              ] as const,
          ),
          ...(ping.length === 0
            ? []
            : [['Ping', <MachineText key="ping" text={ping.join(', ')} />] as const]),
        ]}
      />
      <p className={textStyles.sub}>
        “Sent” is the appliance’s own record. The connection is TLS: this computer carried it but could not
        read it.
      </p>
    </>
  );
}
