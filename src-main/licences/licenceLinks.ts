import type { ApplianceEntry } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { Driver } from '../driver/driver.ts';
import type { Links } from '../links/links.ts';
import { withLink } from '../links/withLink.ts';
import type { Session } from '../ssh/types.ts';

/** What licences need of the links. */
export type LicenceLinks = Pick<Links, 'hold' | 'waitUntilSettled' | 'onChange'> & {
  of: (entryId: string) => {
    driver: Pick<Driver, 'licence' | 'licences'> & { configuration: Pick<Driver['configuration'], 'show'> };
    session: Pick<Session, 'state' | 'want' | 'ready' | 'run'>;
  };
};

/** Like `withLink`, but connects a lost link at once instead of rejecting while it waits for its next attempt. */
export function withLinkNow<Result>(
  links: LicenceLinks,
  entry: ApplianceEntry,
  work: () => Promise<Result>,
): Promise<Result> {
  const { session } = links.of(entry.id);
  if (session.state().state === 'retrying') session.want({ force: true });
  return withLink(links, entry, work);
}
