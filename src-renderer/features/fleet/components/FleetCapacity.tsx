import { useState } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { firstPort, lastPort, portCount } from '../../../../src-shared/model/tenants/ports.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { neverSeenText, summariseFleet } from '../summary.ts';
import { CapacityStrip } from './CapacityStrip.tsx';
import card from '../../../ui/layout/Card.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../fleet.module.css';
import text from '../../../ui/text/text.module.css';

/** If there are more strips, they are collapsed, so that the content below stays visible. */
export const maxOpenCapacities = 4;

const number = new Intl.NumberFormat('en-US');

const legend = [
  { kind: 'allotted', label: 'allocated' },
  { kind: 'listening', label: 'listening' },
  { kind: 'fault', label: 'fault' },
] as const;

/** The ports of each appliance, one cell per default quota; each cell links to its tenants. */
export function FleetCapacity({ appliances }: { appliances: readonly ApplianceView[] }) {
  const summary = summariseFleet(appliances);
  const { allotted, listening, neverSeen } = summary;
  const [isOpen, setIsOpen] = useState(appliances.length <= maxOpenCapacities);
  return (
    <details className={card.card} open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className={styles.capacitySummary}>
        <h2>
          Port capacity, {firstPort}–{lastPort}
        </h2>
        <span className={text.sub}>
          {number.format(allotted)} of {number.format(portCount * (appliances.length - neverSeen))} allocated,{' '}
          {number.format(listening)} listening{neverSeen === 0 ? '' : `; ${neverSeenText(summary)}`}
        </span>
        <span className={styles.legend}>
          {legend.map(({ kind, label }) => (
            <span key={kind}>
              <i data-kind={kind} aria-hidden="true" /> {label}
            </span>
          ))}
        </span>
      </summary>
      {/* A strip has a cell for each quota, so a thousand hidden strips would be most of the page. */}
      {isOpen ? <CapacityLines appliances={appliances} /> : null}
    </details>
  );
}

/** More lines are drawn when they are wanted, because each has 150 cells. */
const linesAtOnce = 100;

function CapacityLines({ appliances }: { appliances: readonly ApplianceView[] }) {
  const [shown, setShown] = useState(linesAtOnce);
  const more = Math.min(linesAtOnce, appliances.length - shown);
  return (
    <section className={`${card.body} ${styles.capacities}`} aria-label="Port capacity">
      {appliances.slice(0, shown).map((view) => (
        <div key={view.entry.id} className={styles.capacityLine}>
          <PlaceLink
            to={places.applianceTenants(view.entry.name)}
            className={`${text.mono} ${text.clip} ${styles.capacityName}`}
          >
            {view.entry.name}
          </PlaceLink>
          <CapacityStrip view={view} />
          <span className={feedback.age}>
            {view.ports === null ? '' : `${number.format(view.ports.allotted)} allocated`}
          </span>
          <Age observedAt={view.observedAt} />
        </div>
      ))}
      {more > 0 ? <Button onClick={() => setShown(shown + linesAtOnce)}>Show {more} more</Button> : null}
    </section>
  );
}
