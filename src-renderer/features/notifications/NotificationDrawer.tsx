import {
  describeNotification,
  subjectText,
  type Notification,
} from '../../../src-shared/model/notifications/notification.ts';
import { hrefOf, places } from '../../state/places.ts';
import { CodeLink, findCodes } from '../codes/CodeLink.tsx';
import { useViewState } from '../../state/viewState.ts';
import { Ago } from '../../ui/feedback/Age.tsx';
import { MomentText } from '../../ui/feedback/Moment.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { Drawer } from '../../ui/layout/Drawer.tsx';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { EmptyState, Skeleton } from '../../ui/feedback/States.tsx';
import { placeOfNotification } from './placeOfNotification.ts';
import { useMarkSeen, useNotifications } from './queries.ts';
import feedback from '../../ui/feedback/feedback.module.css';
import layout from '../../ui/layout/layout.module.css';
import styles from './notifications.module.css';
import textStyles from '../../ui/text/text.module.css';

/** A large fleet can raise thousands of notifications in one night; the list shows only this many. */
const shownNotifications = 200;

/** The notifications of the last week, ongoing and resolved. */
export function NotificationDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const isCovered = useViewState(({ codeHelp }) => codeHelp !== null);
  return (
    <Drawer opened={opened} onClose={onClose} title="Notifications" isCovered={isCovered}>
      {opened ? <NotificationList onLeave={onClose} /> : null}
    </Drawer>
  );
}

function NotificationList({ onLeave }: { onLeave: () => void }) {
  return (
    <Loaded query={useNotifications()} skeleton={<Skeleton lines={5} />}>
      {(list) => <KnownNotifications {...list} onLeave={onLeave} />}
    </Loaded>
  );
}

function KnownNotifications({
  notifications,
  unseen,
  onLeave,
}: {
  notifications: readonly Notification[];
  unseen: number;
  onLeave: () => void;
}) {
  const markSeen = useMarkSeen();
  return (
    <>
      <div className={`${layout.row} ${styles.notificationBar}`}>
        <a className={textStyles.link} href={hrefOf(places.settings())} onClick={onLeave}>
          Rules and quiet hours
        </a>
        <span className={layout.grow} />
        <Button
          small
          disabled={unseen === 0}
          busy={markSeen.isPending}
          onClick={() => markSeen.mutate({ all: true })}
        >
          Mark all as seen
        </Button>
      </div>
      {notifications.length === 0 ? (
        <EmptyState title="No notifications">
          You’ll be notified here about tunnels that stay down or flap, tenants that run out of ports, old
          keys, and licences that expire.
        </EmptyState>
      ) : (
        <ul className={styles.notifications} aria-label="Notifications">
          {notifications.slice(0, shownNotifications).map((one) => (
            <NotificationItem
              key={one.id}
              notification={one}
              onOpen={() => {
                if (one.seenAt === null) markSeen.mutate({ ids: [one.id] });
                onLeave();
              }}
              onSeen={() => markSeen.mutate({ ids: [one.id] })}
            />
          ))}
          {notifications.length > shownNotifications ? (
            <li className={`${styles.notification} ${textStyles.sub}`}>
              and {notifications.length - shownNotifications} more
            </li>
          ) : null}
        </ul>
      )}
    </>
  );
}

function NotificationItem({
  notification: one,
  onOpen,
  onSeen,
}: {
  notification: Notification;
  onOpen: () => void;
  onSeen: () => void;
}) {
  const isOver = one.clearedAt !== null;
  const kind = describeNotification(one);
  return (
    <li className={styles.notification} data-seen={one.seenAt !== null}>
      <a className={styles.notificationLink} href={hrefOf(placeOfNotification(one))} onClick={onOpen}>
        <span className={layout.row}>
          <span className={`${feedback.word} ${textStyles.strong}`} data-tone={isOver ? 'off' : kind.tone}>
            {kind.label}
          </span>
          <span className={`${textStyles.mono} ${textStyles.sub} ${textStyles.clip}`}>
            {subjectText(one)}
          </span>
          <span className={layout.grow} />
          <Ago at={one.raisedAt} />
        </span>
        <span className={styles.notificationText}>
          <MomentText text={one.text} />
        </span>
        <span className={`${textStyles.faint} ${styles.notificationState}`}>
          {one.applianceName}
          {one.quiet ? ' · in quiet hours' : ''}
          {one.clearedAt === null ? (
            ` · ${kind.ongoing}`
          ) : (
            <>
              {' '}
              · {kind.resolved} <Ago at={one.clearedAt} isSentence />
            </>
          )}
        </span>
      </a>
      {findCodes(one.text).map((code) => (
        <CodeLink key={code} code={code} />
      ))}
      {one.seenAt === null ? (
        <Button small kind="quiet" onClick={onSeen} label={`Mark as seen: ${one.text}`} title="Mark as seen">
          ✓
        </Button>
      ) : null}
    </li>
  );
}
