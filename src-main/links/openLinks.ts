import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { LinkState } from '../../src-shared/model/appliance/link.ts';
import type { Driver } from '../driver/driver.ts';
import type { Session } from '../ssh/types.ts';

/** Creates the session of an appliance. The session does not connect until it is wanted. */
export type OpenSession = (entry: ApplianceEntry) => { session: Session; driver: Driver };

export type Link = { entry: ApplianceEntry; session: Session; driver: Driver; stopListening: () => void };

/** Keeps the session of each appliance that was needed so far. */
export function createOpenLinks(options: {
  openSession: OpenSession;
  onTransition: (entry: ApplianceEntry, before: LinkState, after: LinkState) => void;
}) {
  const links = new Map<string, Link>();
  return {
    get: (id: string): Link | undefined => links.get(id),
    all: () => links.values(),
    open: (entry: ApplianceEntry): Link => {
      const { session, driver } = options.openSession(entry);
      let before: LinkState = session.state();
      const stopListening = session.onChange((state) => {
        options.onTransition(entry, before, state);
        before = state;
      });
      const link = { entry, session, driver, stopListening };
      links.set(entry.id, link);
      return link;
    },
    close: (link: Link): void => {
      link.session.release();
      link.stopListening();
      links.delete(link.entry.id);
    },
  };
}
