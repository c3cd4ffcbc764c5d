import { EmptyState } from '../../../ui/feedback/States.tsx';
import { Card } from '../../../ui/layout/Card.tsx';

/** What a change of accounts or plan would save, and how an invoice of the vendor differs from the preview. */
export function WhatIfView({ applianceId }: { applianceId: string; month: string | null }) {
  return (
    <Card key={applianceId}>
      <EmptyState title="Not part of this version">
        `sallyport usage` prices a month from the command line.
      </EmptyState>
    </Card>
  );
}
