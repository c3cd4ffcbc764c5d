import { customerSenderSchema, type CustomerSender } from '../../src-shared/model/tunnels/customerMessage.ts';
import type { Audit } from '../audit/audit.ts';
import { settingGroups } from '../../src-shared/model/policy/settingGroups.ts';
import type { PolicyService } from '../policy/policy.ts';
import { createSetting } from '../store/settings.ts';
import type { Store } from '../store/store.ts';

/** Who messages to customers come from: a setting of this console. */
export function createCustomerSender(options: {
  audit: Audit;
  store: Store;
  policy: Pick<PolicyService, 'locksOf'>;
}) {
  const setting = createSetting({
    store: options.store,
    locks: options.policy.locksOf('customerMessages'),
    ...settingGroups.customerMessages,
  });
  return {
    get: setting.get,
    /** Resolves when the change is recorded and applied. The audit trail has the fields' names only. */
    set: (next: CustomerSender): Promise<void> => {
      const before = setting.get();
      const changed = customerSenderSchema.keyof().options.filter((field) => before[field] !== next[field]);
      const detail = changed.length === 0 ? 'nothing changed' : `changed: ${changed.join(', ')}`;
      const action = { event: 'sender.change', object: 'customer messages', detail } as const;
      return options.audit.act(action, () => setting.set(next));
    },
  };
}
