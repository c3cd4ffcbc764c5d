import { useState } from 'react';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import type { Capacity } from '../../../../src-shared/contract/ports.ts';
import { licenceStates } from '../../../../src-shared/model/licence/licence.ts';
import { defaultQuota, portCount } from '../../../../src-shared/model/tenants/ports.ts';
import { ageMs, formatDuration } from '../../../../src-shared/base/time.ts';
import { setView, useViewState } from '../../../state/viewState.ts';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { CapacityStrip } from '../../fleet/components/CapacityStrip.tsx';
import { useAppliances } from '../../fleet/queries.ts';
import { useCapacity } from '../queries.ts';
import { useRoomFor } from '../capacity.ts';
import card from '../../../ui/layout/Card.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import form from '../../../ui/form/form.module.css';
import styles from '../tenants.module.css';
import text from '../../../ui/text/text.module.css';

const number = new Intl.NumberFormat('en-US');

function howMany(room: number | null): string {
  if (room === null) return '… more tenants';
  return room === 1 ? '1 more tenant' : `${number.format(room)} more tenants`;
}

function growthWords(growthPerMonth: number): string {
  if (growthPerMonth <= 0) return 'no recent growth';
  return `growth: ${number.format(Math.round(growthPerMonth))} ports a month`;
}

function LicenceWords({ capacity }: { capacity: Capacity }) {
  const now = useNow();
  const { licenceEndsAt, licenceState } = capacity;
  if (licenceState === 'not-required') return <>{licenceStates[licenceState].label}.</>;
  if (licenceEndsAt === null) return <>No licence information yet.</>;
  const left = Date.parse(licenceEndsAt) - now;
  if (left <= 0)
    return (
      <span className={feedback.word} data-tone="bad">
        The licence’s grace period ended {formatDuration(ageMs(licenceEndsAt, now))} ago: no new tenants or
        ports.
      </span>
    );
  return (
    <>
      No new tenants or ports after <Moment at={licenceEndsAt} />, in {formatDuration(left)}.
    </>
  );
}

/** How many tenants still fit, for common quotas and for a typed one. */
export function Planner({ capacity }: { capacity: Capacity }) {
  const now = useNow();
  const [typed, setTyped] = useState(String(defaultQuota));
  const each = /^\d{1,4}$/u.test(typed) ? Number(typed) : 0;
  const isValid = each >= 1 && each <= portCount;
  const room = useRoomFor(capacity, isValid ? each : 0);
  const { runsOutAt, growthPerMonth } = capacity;
  return (
    <div className={styles.planner}>
      <p>
        Room for <span className={text.strong}>{isValid ? howMany(room) : '–'}</span> at{' '}
        <input
          className={`${form.numberInput} ${styles.plannerNumber} ${text.mono}`}
          inputMode="numeric"
          aria-label="Ports per tenant"
          aria-invalid={!isValid}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value.trim())}
        />{' '}
        ports each; largest free block: {number.format(capacity.largestFreeBlock)}.
        {capacity.idle === 0 ? '' : ` ${number.format(capacity.idle)} ports are kept for suspended tenants.`}
      </p>
      <p>
        {growthPerMonth === null ? (
          'Not enough history for a forecast.'
        ) : runsOutAt === null ? (
          <>At the current rate, ports won’t run out: {growthWords(growthPerMonth)}.</>
        ) : (
          <>
            At the current rate, ports run out in{' '}
            <span className={text.strong}>{formatDuration(Math.max(0, Date.parse(runsOutAt) - now))}</span>:{' '}
            {growthWords(growthPerMonth)}.
          </>
        )}{' '}
        <LicenceWords capacity={capacity} />
      </p>
    </div>
  );
}

/** The port range in 150 cells, and how many tenants still fit. */
export function CapacityPlan({ applianceId }: { applianceId: string }) {
  const capacity = useCapacity(applianceId);
  const view = useAppliances().find((one) => one.entry.id === applianceId);
  return (
    <Loaded query={capacity} skeleton={<Skeleton lines={2} />}>
      {({ appliances: [known] }) =>
        known === undefined || view === undefined ? (
          <p className={text.sub}>No port data yet.</p>
        ) : (
          <KnownCapacity known={known} view={view} />
        )
      }
    </Loaded>
  );
}

function KnownCapacity({ known, view }: { known: Capacity; view: ApplianceView }) {
  return (
    <>
      <CapacityStrip
        view={{
          entry: view.entry,
          capacity: known.cells,
          ports: { allotted: known.allotted, listening: known.listening },
          observedAt: view.observedAt,
          link: view.link,
        }}
      />
      <Planner capacity={known} />
    </>
  );
}

/** One line about the port capacity that opens into the cells and the planner. */
export function CapacityBar({ applianceId }: { applianceId: string }) {
  const isOpen = useViewState((state) => state.showingCapacity);
  const view = useAppliances().find((one) => one.entry.id === applianceId);
  const ports = view?.ports ?? null;
  return (
    <section className={`${card.card} ${styles.capacityBar}`} aria-label="Port capacity">
      <button
        type="button"
        className={styles.capacityToggle}
        aria-expanded={isOpen}
        onClick={() => setView({ showingCapacity: !isOpen })}
      >
        <span className={text.faint} aria-hidden="true">
          {isOpen ? '▾' : '▸'}
        </span>
        <span className={text.strong}>Port capacity</span>
        <span className={`${text.sub} ${text.tabular}`}>
          {ports === null
            ? 'unknown'
            : `${number.format(ports.allotted)} of ${number.format(portCount)} allocated, ${number.format(ports.listening)} listening`}
        </span>
      </button>
      {isOpen ? (
        <div className={card.body}>
          <CapacityPlan applianceId={applianceId} />
        </div>
      ) : null}
    </section>
  );
}
