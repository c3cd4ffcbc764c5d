import type { Driver } from '../driver/driver.ts';
import type { Links } from '../links/links.ts';
import type { Session } from '../ssh/types.ts';

/** What licences need of the links. */
export type LicenceLinks = Pick<Links, 'hold' | 'waitUntilSettled' | 'onChange'> & {
  of: (entryId: string) => {
    driver: Pick<Driver, 'licence' | 'licences'> & { configuration: Pick<Driver['configuration'], 'show'> };
    session: Pick<Session, 'state' | 'want' | 'ready' | 'run'>;
  };
};
