import { syslogPath, type ApplianceStatus } from '../../src-shared/model/appliance/applianceStatus.ts';
import type { Links } from '../links/links.ts';
import type { TailSource } from './syslog.ts';

/** Follows the appliances' logs over their links. */
export function createTailSource(options: {
  links: Links;
  /** Null if the appliance has not returned its status yet. */
  knownStatus: (applianceId: string) => ApplianceStatus | null;
}): TailSource {
  const { links } = options;
  return {
    hold: links.hold,
    start: async (applianceId, lines) => {
      if (links.state(applianceId).state !== 'connected') return null;
      const { driver } = links.of(applianceId);
      const status = options.knownStatus(applianceId) ?? (await driver.status().catch(() => null));
      return driver.syslogTail({ path: syslogPath(status), lines });
    },
    onLinkUp: (applianceId, listener) =>
      links.onChange((id, state) => {
        if (id === applianceId && state.state === 'connected') listener();
      }),
    onRemoved: links.onRemoved,
  };
}
