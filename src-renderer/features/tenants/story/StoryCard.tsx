import { useState } from 'react';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import type { StoryProps } from './TenantStory.tsx';
import layout from '../../../ui/layout/layout.module.css';

// The rules that explain lines are large, and only a story on the page of tenants needs them there.
const { Component: TenantStory } = lazyComponent<StoryProps>(
  async () => (await import('./TenantStory.tsx')).TenantStory,
);

/** What happened to a tenant, once the user asks for it. */
export function StoryCard(props: StoryProps) {
  const [isOpen, setIsOpen] = useState(false);
  const when = props.around === null ? 'lately' : 'around this line';
  return (
    <Card title={`What happened to ${props.clientId}`}>
      {isOpen ? (
        <TenantStory props={props} part="The story" fallback={<Skeleton lines={4} />} />
      ) : (
        <div className={layout.row}>
          <Button small onClick={() => setIsOpen(true)}>
            Show what happened {when}
          </Button>
        </div>
      )}
    </Card>
  );
}
