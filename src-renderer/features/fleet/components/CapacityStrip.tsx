import { memo } from 'react';
import { hrefOf, places } from '../../../state/places.ts';
import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import {
  splitRuns,
  type CapacityCell,
  type CapacityRuns,
} from '../../../../src-shared/model/tenants/capacityCells.ts';
import { defaultQuota, firstPort, portCount } from '../../../../src-shared/model/tenants/ports.ts';
import { useIsOld } from '../../../ui/feedback/freshness.tsx';
import styles from '../fleet.module.css';
import text from '../../../ui/text/text.module.css';

const perLine = 75;
const cell = { width: 11, height: 14, step: 14, line: 17 } as const;

function countPorts(share: number): number {
  return Math.round(share * defaultQuota);
}

function cellTitle(index: number, { allotted, listening, bad }: CapacityCell): string {
  const first = firstPort + index * defaultQuota;
  const trouble = bad ? ', fault' : '';
  return `${first}–${first + defaultQuota - 1}: ${countPorts(allotted)} allocated, ${countPorts(listening)} listening${trouble}`;
}

const CapacityCells = memo(function CapacityCells({ runs, name }: { runs: CapacityRuns; name: string }) {
  return (
    <>
      {splitRuns(runs).map((share, index) => {
        const strength =
          share.allotted === 0 ? 0 : Math.round(24 + 76 * Math.min(1, Math.sqrt(share.listening)));
        const first = firstPort + index * defaultQuota;
        const box = (
          <rect
            key={first}
            x={(index % perLine) * cell.step + 1}
            y={Math.floor(index / perLine) * cell.line + 1}
            width={cell.width}
            height={cell.height}
            rx={2}
            className={share.bad ? `${styles.capacityCell} ${styles.bad}` : styles.capacityCell}
            style={{ fill: `color-mix(in srgb, var(--strip) ${strength}%, var(--s2))` }}
          >
            <title>{cellTitle(index, share)}</title>
          </rect>
        );
        if (share.allotted === 0) return box;
        const q = `${first}-${first + defaultQuota - 1}`;
        return (
          // Skipped by Tab, because the link of the whole line leads to the same rows.
          <a key={first} href={hrefOf(places.applianceTenants(name, { q }))} tabIndex={-1} aria-label={q}>
            {box}
          </a>
        );
      })}
    </>
  );
});

/** The 3,000 ports of one appliance as 150 cells, each as large as a tenant's default quota. */
export function CapacityStrip({
  view,
}: {
  view: Pick<ApplianceView, 'entry' | 'capacity' | 'ports' | 'observedAt' | 'link'>;
}) {
  const isOld = useIsOld(view.observedAt);
  const old = isOld || view.link.state !== 'connected';
  const { name } = view.entry;
  if (view.capacity === null) return <span className={text.faint}>No data yet</span>;
  const used =
    view.ports === null
      ? ''
      : `: ${view.ports.allotted} of ${portCount} ports allocated, ${view.ports.listening} listening`;
  return (
    <svg
      className={styles.capacity}
      data-old={old}
      viewBox={`0 0 ${perLine * cell.step} ${2 * cell.line}`}
      aria-label={`${name}${used}${old ? ', out of date' : ''}`}
      preserveAspectRatio="none"
    >
      <CapacityCells runs={view.capacity} name={name} />
    </svg>
  );
}
