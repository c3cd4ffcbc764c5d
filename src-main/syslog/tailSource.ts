import { AppError } from '../../src-shared/errors.ts';
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

  async function findLog(applianceId: string) {
    const { driver } = links.of(applianceId);
    const status = options.knownStatus(applianceId) ?? (await driver.status().catch(() => null));
    return { driver, path: syslogPath(status) };
  }

  return {
    hold: links.hold,
    start: async (applianceId, lines) => {
      if (links.state(applianceId).state !== 'connected') return null;
      const { driver, path } = await findLog(applianceId);
      return driver.syslogTail({ path, lines });
    },
    startScript: async (applianceId, words) => {
      if (links.state(applianceId).state !== 'connected')
        throw new AppError('LINK_NOT_READY', 'The appliance is not connected.');
      const { driver, path } = await findLog(applianceId);
      return driver.syslogFiles({ path, words });
    },
    findProblem: async (applianceId) => {
      const { driver, path } = await findLog(applianceId);
      return driver.findLogProblem({ path });
    },
    onLinkUp: (applianceId, listener) =>
      links.onChange((id, state) => {
        if (id === applianceId && state.state === 'connected') listener();
      }),
    onRemoved: links.onRemoved,
  };
}
