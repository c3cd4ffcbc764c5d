import { idleReasons, type LinkState } from '../../src-shared/model/appliance/link.ts';
import type { WatchedAppliance } from '../../src-shared/model/notifications/evaluateNotifications.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Links } from '../links/links.ts';
import type { Fleet } from './fleet.ts';

/** Why an appliance can't be seen; empty while its link is up or comes up for the first time. */
function reasonOf(link: LinkState): string {
  switch (link.state) {
    case 'retrying':
    case 'stopped':
      return `${link.error.message} (${link.error.code})`;
    case 'connecting':
      return link.after === undefined ? '' : `${link.after.message} (${link.after.code})`;
    case 'waiting-host-key':
      return `the host key of ${link.hop} needs confirmation`;
    case 'waiting-secret':
      return `a secret for ${link.hop} is needed`;
    case 'connected':
      return 'it is connected, but its commands fail';
    case 'idle':
      return link.reason === undefined ? '' : idleReasons[link.reason].text;
  }
}

/**
 * The appliances that are to be seen, with the time of their last answer. One that was disconnected on purpose, or is idle as
 * it connects on demand, is not among them.
 */
export function createWatchedAppliances(options: {
  inventory: Pick<Inventory, 'list'>;
  links: Pick<Links, 'state'>;
  fleet: Pick<Fleet, 'known'>;
}) {
  return (since: number): WatchedAppliance[] =>
    options.inventory.list().flatMap(({ id }) => {
      const link = options.links.state(id);
      if (link.state === 'idle' && link.reason !== 'queued') return [];
      const answeredAt = Date.parse(options.fleet.known(id).status?.observedAt ?? '') || 0;
      const hasAnswered = answeredAt >= since;
      return [{ applianceId: id, seenAt: Math.max(since, answeredAt), hasAnswered, reason: reasonOf(link) }];
    });
}
