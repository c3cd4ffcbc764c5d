import type { LinkSettings } from '../../src-shared/model/appliance/linkSettings.ts';
import { settingGroups } from '../../src-shared/model/policy/settingGroups.ts';
import type { Audit } from '../audit/audit.ts';
import type { PolicyService } from '../policy/policy.ts';
import { createSetting } from '../store/settings.ts';
import type { Store } from '../store/store.ts';

/** The limits of links: how many there may be, and how long an unused one stays. */
export function createLinkLimits(options: {
  store: Store;
  policy: Pick<PolicyService, 'locksOf'>;
  audit: Pick<Audit, 'act'>;
}) {
  const { store } = options;
  const setting = createSetting({ store, locks: options.policy.locksOf('links'), ...settingGroups.links });
  let settings = setting.get();
  const stopForeign = store.onForeignChange(() => (settings = setting.get()));
  return {
    get: (): LinkSettings => settings,
    /** Resolves when they are recorded in the audit trail and saved. */
    set: (next: LinkSettings): Promise<void> =>
      options.audit.act(
        {
          event: 'links.change',
          object: 'links',
          detail: `${JSON.stringify(setting.get())} → ${JSON.stringify(next)}`,
        },
        () => {
          setting.set(next);
          settings = setting.get();
        },
      ),
    close: stopForeign,
  };
}
