import { type ReactNode, useState } from 'react';
import { dayMs, secondMs } from '../../../../src-shared/base/time.ts';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { useLatest } from '../../../rpc/useLatest.ts';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { useFromNow } from '../../../ui/feedback/now.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { isWholeRead } from './isWholeRead.ts';
import type { StoryProps } from './TenantStory.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

// The rules that explain lines are large, and only a story needs them.
const { Component: TenantStory } = lazyComponent<StoryProps>(
  async () => (await import('./TenantStory.tsx')).TenantStory,
);

/** Lines that arrive are read after these times: while older lines are still read into the store, and then. */
const readingMs = 2 * secondMs;
const followingMs = 10 * secondMs;

/** What happened to a tenant. `note` names the place and the times; `aside` stands beside the title. */
export function StoryCard({ note, aside, ...props }: StoryProps & { note?: ReactNode; aside?: ReactNode }) {
  return (
    <Card title={`What happened to ${props.clientId}`} aside={aside}>
      <div className={layout.stack}>
        {note === undefined ? null : <p className={textStyles.sub}>{note}</p>}
        <TenantStory props={props} part="The story" fallback={<Skeleton lines={4} />} />
      </div>
    </Card>
  );
}

/** Reads the log of the tenant's appliance into the store while it is shown. */
function LastDay({ view }: { view: TenantView }) {
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
      props={{
        applianceId,
        clientId,
        keys: tenant.keys.map(({ fingerprint }) => ({ clientId, fingerprint })),
        times: { from, to: null, around: null },
        revision,
        isReading,
      }}
      part="The story"
      fallback={<Skeleton lines={4} />}
    />
  );
}

/** What happened to a tenant in the last day, once the user asks for it. */
export function LastDayCard({ view }: { view: TenantView }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Card title={`What happened to ${view.tenant.clientId}`}>
      {isOpen ? (
        <LastDay view={view} />
      ) : (
        <div className={layout.row}>
          <Button small onClick={() => setIsOpen(true)}>
            Show the last 24 hours
          </Button>
        </div>
      )}
    </Card>
  );
}
