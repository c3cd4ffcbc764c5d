import { useState } from 'react';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import layout from '../../../ui/layout/layout.module.css';

const { Component: LastDay } = lazyComponent<{ view: TenantView }>(
  async () => (await import('./LastDay.tsx')).LastDay,
);

/** What happened to a tenant in the last day, once the user asks for it. */
export function LastDayCard({ view }: { view: TenantView }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Card title={`What happened to ${view.tenant.clientId}`}>
      {isOpen ? (
        <LastDay props={{ view }} part="The story" fallback={<Skeleton lines={4} />} />
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
