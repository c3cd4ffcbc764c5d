import { connectModes } from '../../../../src-shared/model/appliance/connectModes.ts';
import type { ReactNode } from 'react';
import { errorCodes } from '../../../../src-shared/errorCodes.ts';
import { openApplianceDialog } from '../../../state/viewState.ts';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import type { PinnedHostKey } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import type { AuthenticationStep, LinkState } from '../../../../src-shared/model/appliance/link.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { Age, Ago } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { ToneChip } from '../../../ui/feedback/Tone.tsx';
import { formatAddress } from '../../../../src-shared/model/appliance/address.ts';
import { useMay } from '../../system/queries.ts';
import { useConnect, useDisconnect } from '../mutations.ts';
import { useExplanation } from '../queries.ts';
import { describeLink, methodLabels, sudoLabels } from '../../fleet/labels.ts';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

function linkFacts(link: LinkState): (readonly [string, ReactNode])[] {
  switch (link.state) {
    case 'connected':
      return [
        ['Up since', <Moment key="s" at={link.since} />],
        ['Last reply', <Age key="h" observedAt={link.lastHeardAt} />],
        ['Server', <MachineText key="v" text={link.serverSoftware} />],
        [
          'Algorithms',
          <MachineText
            key="a"
            text={[
              link.algorithms.kex,
              link.algorithms.hostKey,
              link.algorithms.cipher,
              `MAC ${link.algorithms.mac}`,
            ].join(' · ')}
          />,
        ],
      ];
    case 'retrying':
      return [
        ['Attempt', String(link.attempt)],
        ['Next attempt', <Moment key="n" at={link.nextAttemptAt} />],
      ];
    case 'connecting':
    case 'waiting-host-key':
    case 'waiting-secret':
      return [['Step', <MachineText key="h" text={link.hop} />]];
    case 'idle':
    case 'stopped':
      return [['Since', <Moment key="s" at={link.since} />]];
  }
}

/** Facts about legacy algorithms: whether they are allowed, and which are in use. */
function legacyFacts({ entry, link }: ApplianceView): (readonly [string, ReactNode])[] {
  if (!entry.legacyAlgorithms) return [];
  const weak = link.state === 'connected' ? link.algorithms.weak : [];
  const text = weak.length === 0 ? 'allowed' : `in use: ${weak.join(', ')}`;
  return [
    [
      'Legacy algorithms',
      <span key="w" className={feedback.word} data-tone="warn">
        {visibleText(text)}
      </span>,
    ],
  ];
}

/**
 * Whether other cards already show why the link stopped: the card of a changed host key, or the list of
 * problems.
 */
function hasOwnNotice(link: LinkState): link is Extract<LinkState, { error: unknown }> {
  if (link.state === 'retrying') return true;
  return link.state === 'stopped' && link.error.code !== 'HOST_KEY_CHANGED' && !isRefusedLogin(link);
}

function isRefusedLogin(link: LinkState): boolean {
  return link.state === 'stopped' && errorCodes[link.error.code].linkFault === 'login';
}

/** The state of the SSH session to the appliance, and the actions on it. */
export function LinkCard({ view }: { view: ApplianceView }) {
  const connect = useConnect();
  const disconnect = useDisconnect();
  const may = useMay('operator');
  const mayEdit = useMay('admin');
  const { entry, link } = view;
  const words = describeLink(link, entry.jumps.length);
  const hops = [...entry.jumps, entry.target].map(formatAddress);
  const isDown = link.state === 'idle' || link.state === 'stopped' || link.state === 'retrying';
  return (
    <Card
      title="Link"
      aside={
        <ToneChip tone={words.tone} observedAt={view.observedAt}>
          {words.text}
        </ToneChip>
      }
    >
      <div className={layout.stack}>
        {hasOwnNotice(link) ? (
          <ErrorNotice error={link.error} tone={link.state === 'stopped' ? 'bad' : 'warn'} />
        ) : null}
        <Facts
          facts={[
            [
              hops.length === 1 ? 'Address' : 'Route',
              <span key="h" className={textStyles.mono}>
                {hops.join(' → ')}
              </span>,
            ],
            ...linkFacts(link),
            ['Connection', connectModes[entry.connect].label],
            ['Sudo', sudoLabels[entry.sudo]],
            ...legacyFacts(view),
          ]}
        />
        <div className={layout.row}>
          {may && isDown ? (
            <Button kind="primary" busy={connect.isPending} onClick={() => connect.mutate({ id: entry.id })}>
              {link.state === 'idle' ? 'Connect' : 'Try now'}
            </Button>
          ) : null}
          {mayEdit && isRefusedLogin(link) ? (
            <Button onClick={() => openApplianceDialog({ kind: 'edit', id: entry.id })}>Change login…</Button>
          ) : null}
          {!may || link.state === 'idle' || link.state === 'stopped' ? null : (
            <Button busy={disconnect.isPending} onClick={() => disconnect.mutate({ id: entry.id })}>
              Disconnect
            </Button>
          )}
        </div>
      </div>
    </Card>
  );
}

const outcomeTones = { accepted: 'ok', refused: 'bad', skipped: 'unknown', received: 'unknown' } as const;

function Steps({ steps }: { steps: readonly AuthenticationStep[] }) {
  if (steps.length === 0)
    return <p className={textStyles.sub}>No login attempts since the console started.</p>;
  return (
    <ol className={styles.steps} aria-label="Login steps">
      {steps.map((step, index) => (
        <li key={`${step.at}${index}`}>
          <span className={`${feedback.word} ${textStyles.strong}`} data-tone={outcomeTones[step.outcome]}>
            {step.outcome}
          </span>
          <span>{methodLabels[step.method]}</span>
          <span className={`${textStyles.mono} ${textStyles.sub}`} title={visibleText(step.detail)}>
            {visibleText(step.detail)}
          </span>
          <span className={`${textStyles.mono} ${textStyles.faint}`}>{visibleText(step.hop)}</span>
          <Ago at={step.at} />
        </li>
      ))}
    </ol>
  );
}

/** The steps of the last login, in order, and the pinned host keys of all hops. */
export function ExplanationCards({ id }: { id: string }) {
  const explanation = useExplanation(id);
  return (
    <Loaded
      query={explanation}
      skeleton={
        <Card title="Login explained">
          <Skeleton />
        </Card>
      }
    >
      {({ steps, hostKeys }) => (
        <>
          <Card title="Login explained">
            <Steps steps={steps} />
          </Card>
          <PinnedHostKeys hostKeys={hostKeys} />
        </>
      )}
    </Loaded>
  );
}

function PinnedHostKeys({ hostKeys }: { hostKeys: readonly PinnedHostKey[] }) {
  return (
    <Card title="Pinned host keys">
      {hostKeys.length === 0 ? (
        <p className={textStyles.sub}>
          None yet. The first connection shows the key and asks you to confirm it.
        </p>
      ) : (
        <PlainList>
          {hostKeys.map((key) => (
            <li key={`${key.host}:${key.port}`} className={textStyles.mono}>
              <span className={textStyles.strong}>
                {key.host}:{key.port}
              </span>{' '}
              {key.type} {key.fingerprint}
              <span className={textStyles.faint}>
                {' '}
                · pinned by {key.pinnedBy}, <Moment at={key.pinnedAt} />
              </span>
            </li>
          ))}
        </PlainList>
      )}
    </Card>
  );
}
