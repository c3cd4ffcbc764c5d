import { useState } from 'react';
import { licenceReceiptSchema } from '../../../../src-shared/model/licence/licenceRequest.ts';
import { readDocument } from '../../../../src-shared/model/licence/signedDocument.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import type { TripWay } from '../../../../src-shared/model/licence/trip.ts';
import { formatLocal } from '../../../ui/feedback/Moment.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card, Facts } from '../../../ui/layout/Card.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { QrCard, WaysCard } from './DocumentWays.tsx';
import { LabVendor } from './LabVendor.tsx';
import { NextMember } from './NextMember.tsx';
import { NextBar } from './NextBar.tsx';
import type { StepProps } from './stepProps.ts';
import { wayLabels } from './tripLabels.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** The appliance’s signed proof of what is installed, to carry back to the vendor. */
export function ReceiptStep({ view, actions, isOpen }: StepProps) {
  const [way, setWay] = useState<TripWay | null>(null);
  const { trip } = view;
  if (trip.applied === null) return <p className={textStyles.sub}>Nothing has been applied yet.</p>;
  const { receipt, at, by } = trip.applied;
  const ways = { view, type: 'receipt', text: receipt, onUse: setWay } as const;
  return (
    <>
      {isOpen ? (
        <NextBar
          next="send the receipt to the vendor, then the renewal is done."
          touches="Touches only this computer."
          error={actions.markReceiptCarried.error ?? actions.cancelTrip.error}
        >
          <Button
            busy={actions.cancelTrip.isPending}
            onClick={() => actions.cancelTrip.mutate({ tripId: trip.id })}
          >
            Finish without sending it
          </Button>
          <Button
            kind="primary"
            busy={actions.markReceiptCarried.isPending}
            onClick={() => actions.markReceiptCarried.mutate({ tripId: trip.id, way: way ?? 'qr' })}
          >
            The receipt is sent{way === null ? '' : ` (${wayLabels[way]})`}
          </Button>
        </NextBar>
      ) : null}
      <div className={styles.carry}>
        <QrCard {...ways} />
        <div className={styles.column}>
          <ReceiptCard receipt={receipt} at={at} by={by} name={trip.applianceName} />
          <NextMember name={trip.applianceName} after={trip.applied.at} />
          <WaysCard {...ways} />
          {isOpen ? <LabVendor type="receipt" /> : null}
        </div>
      </div>
    </>
  );
}

function ReceiptCard({ receipt, at, by, name }: { receipt: string; at: string; by: string; name: string }) {
  const read = readDocument(receipt, 'receipt');
  const payload = 'problem' in read ? null : licenceReceiptSchema.safeParse(read.payload).data;
  return (
    <Card
      title="Receipt"
      label="Receipt"
      aside={
        <span className={feedback.chip} data-tone="ok">
          ✓ applied and read back
        </span>
      }
    >
      <Facts
        facts={[
          ['Installed', `${formatInstant(at)} (${formatLocal(at)} local time) by ${by}`],
          ...(payload == null
            ? []
            : ([
                [
                  'Sequence',
                  `${payload.sequence}${payload.previousSequence === null ? '' : `, before ${payload.previousSequence}`}`,
                ],
                ['Licence', <MachineText key="l" text={payload.licenceId} />],
                ['SHA-256 of the file', <MachineText key="h" text={payload.licenceSha256} />],
                ['Signed by', `${name}, with its own key`],
              ] as const)),
        ]}
      />
    </Card>
  );
}
