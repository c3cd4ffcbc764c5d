import { useState } from 'react';
import type { TripWay } from '../../../../src-shared/model/licence/trip.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { QrCard, WaysCard } from './DocumentWays.tsx';
import { LabVendor } from './LabVendor.tsx';
import { NextBar } from './NextBar.tsx';
import { RequestCard } from './RequestCard.tsx';
import type { StepProps } from './stepProps.ts';
import { wayLabels } from './tripLabels.ts';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Takes the request out of the network: as a QR code, a file, text or a printed sheet. */
export function CarryStep({ view, actions, isOpen, saveTrip, onShow }: StepProps) {
  const [way, setWay] = useState<TripWay | null>(null);
  const { trip } = view;
  const ways = { view, type: 'request', text: trip.request, onUse: setWay } as const;
  return (
    <>
      {isOpen ? (
        <NextBar
          next={`carry the request to the vendor, then read the answer here.`}
          touches={`Touches only this computer; ${trip.applianceName} is not contacted.`}
          error={actions.markCarried.error}
        >
          <Button onClick={() => onShow('answer')}>I have the answer already</Button>
          <Button
            kind="primary"
            busy={actions.markCarried.isPending}
            onClick={() =>
              actions.markCarried.mutate(
                { tripId: trip.id, way: way ?? 'qr' },
                { onSuccess: () => onShow('answer') },
              )
            }
          >
            I have carried it out{way === null ? '' : ` (${wayLabels[way]})`}
          </Button>
        </NextBar>
      ) : null}
      <div className={styles.carry}>
        <QrCard {...ways} />
        <div className={styles.column}>
          <WaysCard {...ways} />
          {isOpen ? <LabVendor type="request" /> : null}
          <RequestCard view={view} />
          <Card label="Continue on another computer">
            <div className={styles.continue}>
              <p>
                <b>Continue on another computer</b>
                <span className={textStyles.sub}>
                  {' '}
                  Save the trip file and open it there with Sallyport. It holds the request and this trip’s
                  steps, no keys and no passwords. The answer can be verified there; applying needs access to{' '}
                  {trip.applianceName}.
                </span>
              </p>
              <Button onClick={saveTrip}>Save trip file…</Button>
            </div>
            <p className={styles.keepOpen}>
              Keep this trip open until the answer is back. A new request for {trip.applianceName} makes{' '}
              {view.name} void, and its answer is then refused.
            </p>
          </Card>
        </div>
      </div>
    </>
  );
}
