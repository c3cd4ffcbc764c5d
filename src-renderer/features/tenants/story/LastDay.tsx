import { useState } from 'react';
import { dayMs, secondMs } from '../../../../src-shared/base/time.ts';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { useLatest } from '../../../rpc/useLatest.ts';
import { useFromNow } from '../../../ui/feedback/now.ts';
import { isWholeRead } from './isWholeRead.ts';
import { TenantStory } from './TenantStory.tsx';

/** Lines that arrive are read after these times: while older lines are still read into the store, and then. */
const readingMs = 2 * secondMs;
const followingMs = 10 * secondMs;

/** Reads the log of the tenant's appliance into the store while it is shown. */
export function LastDay({ view }: { view: TenantView }) {
  const { client } = useConsole();
  const { applianceId, tenant } = view;
  const [from] = useState(() => Date.now() - dayMs);
  const watched = useLatest({
    key: applianceId,
    isEndless: true,
    open: (signal) => client.logs.watch({ applianceIds: [applianceId] }, { signal }),
  });
  const isReading = watched.error === null && !isWholeRead(watched.value);
  const revision = useFromNow((now) => Math.floor(now / (isReading ? readingMs : followingMs)));
  const { clientId } = tenant;
  return (
    <TenantStory
      applianceId={applianceId}
      clientId={clientId}
      keys={tenant.keys.map(({ fingerprint }) => ({ clientId, fingerprint }))}
      times={{ from, to: null, around: null }}
      revision={revision}
      isReading={isReading}
    />
  );
}
