import { useMemo } from 'react';
import { findFirstWithoutPorts } from '../../../../src-shared/model/tenants/allocation.ts';
import {
  defaultQuota,
  firstPort,
  lastPort,
  portCount,
  type PortRange,
} from '../../../../src-shared/model/tenants/ports.ts';
import { readTenantCsv, type TenantCsvRow } from '../../../../src-shared/model/tenants/tenantCsv.ts';
import { useAppliances, useTenants } from '../../fleet/queries.ts';

/** The rows of a CSV with their problems on the appliance, and whether its free ports are enough for the good rows. */
export function useCheckedRows(text: string, applianceId: string) {
  const file = useMemo(() => (text.trim() === '' ? null : readTenantCsv(text)), [text]);
  const { data } = useTenants({ applianceId, enabled: applianceId !== '' });
  // The list may still be that of the appliance selected before.
  const own = useMemo(
    () => data?.tenants.filter((view) => view.applianceId === applianceId) ?? [],
    [data, applianceId],
  );
  const rows = useMemo(() => {
    const names = new Set(own.map((view) => view.tenant.clientId));
    return (file?.rows ?? []).map((row): TenantCsvRow => {
      if (!names.has(row.clientId)) return row;
      return { ...row, problems: [...row.problems, 'a tenant with this name already exists'] };
    });
  }, [file, own]);
  const taken = useMemo(() => own.flatMap(({ tenant }) => tenant.ports), [own]);
  const good = useMemo(() => rows.filter((row) => row.problems.length === 0), [rows]);
  return {
    file,
    rows,
    good,
    bad: rows.length - good.length,
    room: useRoom({ applianceId, rows: good, taken }),
  };
}

/** Whether the free ports are enough for all rows; null if the free ports are unknown. */
function useRoom({
  applianceId,
  rows,
  taken,
}: {
  applianceId: string;
  rows: readonly TenantCsvRow[];
  taken: readonly PortRange[];
}) {
  const squeezed = useMemo(() => {
    const quotas = rows.map((row) => row.quota ?? defaultQuota);
    const index = findFirstWithoutPorts({ within: { first: firstPort, last: lastPort }, taken, quotas });
    return index === null ? null : (rows[index] ?? null);
  }, [rows, taken]);
  const ports = useAppliances().find((view) => view.entry.id === applianceId)?.ports ?? null;
  if (ports === null) return null;
  const needed = rows.reduce((sum, row) => sum + (row.quota ?? defaultQuota), 0);
  const free = portCount - ports.allotted;
  if (needed > free)
    return { fits: false, text: `These tenants need ${needed} ports, and only ${free} are free.` };
  if (squeezed !== null)
    return {
      fits: false,
      text: `These tenants need ${needed} of the ${free} ports that are free, but no free block is large enough for ${squeezed.clientId}.`,
    };
  return { fits: true, text: `These tenants take ${needed} of the ${free} ports that are free.` };
}
