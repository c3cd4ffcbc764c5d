import { setView, useViewState } from '../../state/viewState.ts';
import { NotificationDrawer } from './NotificationDrawer.tsx';
import { usePopUps } from './popUps.ts';
import { useNotifications } from './queries.ts';
import styles from './notifications.module.css';

/** The bell in the header, with the number of unseen notifications. It opens the list. */
export function NotificationBell() {
  const { data } = useNotifications();
  const isOpen = useViewState((state) => state.showingNotifications);
  usePopUps(data?.notifications);
  const unseen = data?.unseen ?? 0;
  return (
    <>
      <button
        type="button"
        className={styles.bell}
        aria-label={unseen === 0 ? 'Notifications' : `Notifications, ${unseen} unseen`}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setView({ showingNotifications: true })}
      >
        <svg viewBox="0 0 16 16" width={15} height={15} aria-hidden="true">
          <path d="M8 1.6a4.1 4.1 0 0 0-4.1 4.1c0 3.4-1.3 4.6-1.9 5.2h12c-.6-.6-1.9-1.8-1.9-5.2A4.1 4.1 0 0 0 8 1.6Zm-1.6 11a1.7 1.7 0 0 0 3.2 0" />
        </svg>
        {unseen === 0 ? null : <span className={styles.bellCount}>{unseen > 99 ? '99+' : unseen}</span>}
      </button>
      <NotificationDrawer opened={isOpen} onClose={() => setView({ showingNotifications: false })} />
    </>
  );
}
