import type { KeptState } from '../../../../src-shared/contract/logs.ts';
import { asSentence } from '../../../../src-shared/base/sentence.ts';
import type { ErrorData } from '../../../../src-shared/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import type { WindowSnapshot } from './windowState.ts';
import feedback from '../../../ui/feedback/feedback.module.css';

const wholeNumber = new Intl.NumberFormat('en-US');

const storeErrors: Partial<Record<KeptState['store'], ErrorData>> = {
  full: {
    code: 'LOG_STORE_FULL',
    message: 'The disk of this computer is full. New lines are not kept; the live view still shows them.',
    retryable: true,
    detail: {},
  },
  elsewhere: {
    code: 'LOG_STORE_IN_USE',
    message: 'Another program on this computer keeps the logs. This page searches what it keeps.',
    retryable: true,
    detail: {},
  },
};

/** What keeps lines from being found: of the store, of the appliances, of the search. */
export function KeptNotices(props: {
  state: KeptState | null;
  errors: readonly (ErrorData | null)[];
  nameOf: (applianceId: string) => string;
  onRetry: () => void;
}) {
  const { state } = props;
  const storeError = state === null ? undefined : storeErrors[state.store];
  const [error] = props.errors.filter((one) => one !== null);
  return (
    <>
      {error === undefined ? null : <ErrorNotice error={error} tone="warn" onRetry={props.onRetry} />}
      {storeError === undefined ? null : <ErrorNotice error={storeError} tone="warn" />}
      {(state?.appliances ?? []).map(({ applianceId, trouble }) =>
        trouble === null ? null : (
          <ErrorNotice
            key={applianceId}
            error={{
              code: 'LOG_UNREADABLE',
              message: `${props.nameOf(applianceId)}: ${asSentence(trouble)} The console keeps trying; lines that were kept are found.`,
              retryable: true,
              detail: {},
            }}
            tone="warn"
          />
        ),
      )}
    </>
  );
}

/** What the console does with the logs now, in a few words. */
export function describeReading(state: KeptState | null, nameOf: (applianceId: string) => string): string {
  const busy = (state?.appliances ?? []).filter(
    ({ phase, isFilling, trouble }) => trouble === null && (phase !== 'following' || isFilling),
  );
  const waiting = busy
    .filter(({ phase }) => phase === 'waiting')
    .map(({ applianceId }) => nameOf(applianceId));
  const reading = busy
    .filter(({ phase }) => phase !== 'waiting')
    .map(({ applianceId }) => nameOf(applianceId));
  return [
    reading.length === 0 ? '' : `reading older lines of ${reading.join(', ')}`,
    waiting.length === 0 ? '' : `waiting for ${waiting.join(', ')}`,
  ]
    .filter((text) => text !== '')
    .join('; ');
}

export function FollowButton({
  snapshot,
  onPause,
  onFollow,
}: {
  snapshot: WindowSnapshot;
  onPause: () => void;
  onFollow: () => void;
}) {
  if (snapshot.isFollowing)
    return (
      <Button kind="primary" onClick={onPause} title="Click to pause (Space). Scrolling up also pauses.">
        Following
      </Button>
    );
  const { unseen, hasNewer } = snapshot;
  const news = unseen > 0 ? `, ${wholeNumber.format(unseen)} new ↓` : hasNewer ? ', newer lines ↓' : '';
  return (
    <Button onClick={onFollow} title="Click to follow again (End)">
      <span className={feedback.word} data-tone="warn" data-testid="paused">
        Paused{news}
      </span>
    </Button>
  );
}
