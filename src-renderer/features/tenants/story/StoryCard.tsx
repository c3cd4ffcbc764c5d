import type { ReactNode } from 'react';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { lazyComponent } from '../../../ui/layout/lazyComponent.tsx';
import type { StoryProps } from './TenantStory.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

// The rules that explain lines are large, and only a story needs them.
const { Component: TenantStory } = lazyComponent<StoryProps>(
  async () => (await import('./TenantStory.tsx')).TenantStory,
);

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
