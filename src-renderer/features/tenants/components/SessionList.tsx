import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { ageMs, formatDuration } from '../../../../src-shared/base/time.ts';
import type { Tenant } from '../../../../src-shared/model/tenants/remoteNetworks.ts';
import { asSentence } from '../../../../src-shared/base/sentence.ts';
import { describeSharedKey, findSharedKey } from '../../../../src-shared/model/tenants/sharedKey.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import textStyles from '../../../ui/text/text.module.css';

type Session = Tenant['sessions'][number];

function addressOf({ peerAddress, peerPort }: Session): string {
  const address = peerAddress === null ? 'unknown address' : visibleText(peerAddress);
  return peerPort === null ? address : `${address}:${peerPort}`;
}

/** Whether the appliance does not answer now, so that its sessions are only the last known ones. */
function isLastKnown({ tunnels }: TenantView): boolean {
  return tunnels.some(({ layers }) => layers[0]?.state !== 'ok');
}

/** The tenant's sessions. While the appliance is away, they are the last known ones with their age. */
export function SessionList({ view }: { view: TenantView }) {
  const now = useNow();
  const { sessions, lastSession } = view.tenant;
  if (sessions.length === 0) return <NoSession lastSession={lastSession} />;
  const isAway = isLastKnown(view);
  const until = isAway ? Date.parse(view.observedAt) : now;
  const shared = findSharedKey(sessions, until);
  return (
    <>
      {shared === null ? null : (
        <p className={feedback.word} data-tone="warn">
          Warning: {visibleText(asSentence(describeSharedKey(shared)))} If these are two sites, each needs a
          tenant and a key of its own.
        </p>
      )}
      <PlainList>
        {sessions.map((session) => (
          <li key={session.pid} className={textStyles.mono}>
            {addressOf(session)} · sshd {session.pid} ·{' '}
            {session.kind === 'connect'
              ? `Connect ${visibleText(session.connectVersion ?? '')}`
              : 'plain OpenSSH'}{' '}
            · {isAway ? 'was up' : 'up'} {formatDuration(ageMs(session.since, until))}
            {session.silentSince === null ? null : (
              <span className={feedback.word} data-tone="bad">
                {' '}
                · {isAway ? 'was silent' : 'silent'} {formatDuration(ageMs(session.silentSince, until))}
              </span>
            )}
            {session.isOrphaned === true ? (
              <span className={feedback.word} data-tone="warn">
                {' '}
                · its monitor process has died
              </span>
            ) : null}
            {isAway ? (
              <span className={feedback.word} data-tone="warn">
                {' '}
                · last seen <Ago at={view.observedAt} isSentence />
              </span>
            ) : null}
          </li>
        ))}
      </PlainList>
    </>
  );
}

function NoSession({ lastSession }: Pick<Tenant, 'lastSession'>) {
  return (
    <p className={textStyles.sub}>
      {lastSession === null ? (
        'No session seen yet.'
      ) : (
        <>
          The last session ended <Ago at={lastSession.endedAt} isSentence />:{' '}
          <MachineText text={lastSession.reason} />
        </>
      )}
    </p>
  );
}
