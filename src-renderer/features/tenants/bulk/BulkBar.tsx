import type { PortRow } from '../../../../src-shared/contract/ports.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { ExportMenu } from '../../../ui/table/ExportMenu.tsx';
import { useMay } from '../../system/queries.ts';
import { exportedColumns } from '../components/tunnelColumns.tsx';
import { tenantKeyOf } from '../rows.ts';
import { type BulkKind, bulkKinds, type BulkTenant, openBulk } from './bulkRequest.ts';
import { useBulkTest } from './useBulkTest.ts';
import styles from './bulk.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

type SelectedTenant = BulkTenant & { suspended: boolean };

/** The tenants of the selected rows, without duplicates. */
export function tenantsOf(rows: readonly PortRow[]): SelectedTenant[] {
  const tenants = new Map(
    rows.map((row) => {
      const { applianceId, applianceName, clientId, suspended } = row;
      return [tenantKeyOf(row), { applianceId, applianceName, clientId, suspended }];
    }),
  );
  return [...tenants.values()];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function ChangeButton({
  kind,
  text: label,
  tenants,
}: {
  kind: BulkKind;
  text: string;
  tenants: readonly SelectedTenant[];
}) {
  const { isDestructive, max } = bulkKinds[kind];
  if (tenants.length === 0) return null;
  return (
    <Button
      small
      kind={isDestructive ? 'danger' : 'plain'}
      disabled={tenants.length > max}
      {...(tenants.length > max ? { title: `At most ${max} tenants at once` } : {})}
      onClick={() =>
        openBulk({
          kind,
          tenants: tenants.map(({ applianceId, applianceName, clientId }) => ({
            applianceId,
            applianceName,
            clientId,
          })),
        })
      }
    >
      {label}…
    </Button>
  );
}

/**
 * Actions on the selected rows. A change applies to the whole tenant of each row, not only to the selected
 * port.
 */
export function BulkBar({
  name,
  rows,
  onClear,
}: {
  name: string;
  rows: readonly PortRow[];
  onClear: () => void;
}) {
  const mayChange = useMay('operator');
  const test = useBulkTest();
  const tenants = tenantsOf(rows);
  const ports = rows.filter(({ port }) => port !== null);
  const active = tenants.filter(({ suspended }) => !suspended);
  return (
    <section className={styles.bar} aria-label="Selection">
      <b>
        {counted(rows.length, 'tunnel')} of {counted(tenants.length, 'tenant')} selected
      </b>
      <output className={`${layout.grow} ${text.sub}`}>
        {test.text === '' && mayChange ? 'Changes affect all tunnels of a tenant.' : test.text}
      </output>
      {mayChange ? (
        <>
          <Button small busy={test.isRunning} disabled={ports.length === 0} onClick={() => test.start(ports)}>
            Test
          </Button>
          <ChangeButton kind="rotate" text="Rotate keys" tenants={active} />
          <ChangeButton kind="resume" text="Resume" tenants={tenants.filter(({ suspended }) => suspended)} />
          <ChangeButton kind="suspend" text="Suspend" tenants={active} />
        </>
      ) : null}
      <ExportMenu name={`${name}-selected`} columns={exportedColumns} rows={rows} small />
      <Button small kind="quiet" onClick={onClear}>
        Clear
      </Button>
    </section>
  );
}
