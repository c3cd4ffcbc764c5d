import { useState } from 'react';
import { Button } from '../../../../ui/layout/Button.tsx';
import { Card } from '../../../../ui/layout/Card.tsx';
import { type StoryProps, TenantStory } from './TenantStory.tsx';
import layout from '../../../../ui/layout/layout.module.css';

/** What happened to a tenant, once the user asks for it. */
export function StoryCard(props: StoryProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Card title={`What happened to ${props.clientId}`}>
      {isOpen ? (
        <TenantStory {...props} />
      ) : (
        <div className={layout.row}>
          <Button small onClick={() => setIsOpen(true)}>
            Show what happened around this line
          </Button>
        </div>
      )}
    </Card>
  );
}
