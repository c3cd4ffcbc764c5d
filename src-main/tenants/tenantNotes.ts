import { listClusterMembers } from '../../src-shared/model/appliance/applianceEntry.ts';
import { AppError } from '../../src-shared/errors.ts';
import {
  emptyTenantNote,
  keptTenantNoteSchema,
  tenantNoteFields,
  tenantNoteSchema,
  type KeptTenantNote,
  type TenantNote,
} from '../../src-shared/model/tenants/tenantNote.ts';
import type { Audit } from '../audit/audit.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Store } from '../store/store.ts';

/**
 * Maximum number of notes. An appliance has fewer tenants, but a note may remain after its tenant was
 * removed.
 */
const maxNotes = 6_000;

type TenantRef = { applianceId: string; clientId: string };

/** Stores contacts and notes of tenants in the console. All members of a cluster have the same notes. */
export function createTenantNotes(options: {
  inventory: Inventory;
  audit: Audit;
  store: Store;
  clock: () => number;
  operator: string;
}) {
  const { inventory, audit, store, clock, operator } = options;
  const { query } = store;

  /** The IDs of the appliance and the other members of its cluster, because they share their tenants. */
  function listMemberIds(applianceId: string): string[] {
    return listClusterMembers(inventory.get(applianceId), inventory.list()).map(({ id }) => id);
  }

  function get({ applianceId, clientId }: TenantRef): KeptTenantNote | null {
    const row = store.first(
      query
        .selectFrom('tenantNote')
        .selectAll()
        .where('applianceId', 'in', listMemberIds(applianceId))
        .where('clientId', '=', clientId)
        .orderBy('changedAt', 'desc'),
    );
    if (row === undefined) return null;
    const { changedAt, changedBy } = row;
    return keptTenantNoteSchema.parse({ ...JSON.parse(row.noteJson), changedAt, changedBy });
  }

  function assertUnchanged(tenant: TenantRef, basis: string | null): void {
    const now = get(tenant);
    if ((now?.changedAt ?? null) === basis) return;
    const change = now === null ? 'deleted' : `changed by ${now.changedBy} at ${now.changedAt}`;
    throw new AppError('CONFLICT', `The note was ${change}. Nothing was saved.`);
  }

  function write(tenant: TenantRef, note: TenantNote | null, basis: string | null | undefined): void {
    const { applianceId, clientId } = tenant;
    store.write(() => {
      if (basis !== undefined) assertUnchanged(tenant, basis);
      store.run(
        query
          .deleteFrom('tenantNote')
          .where('applianceId', 'in', listMemberIds(applianceId))
          .where('clientId', '=', clientId),
      );
      if (note === null) return;
      const kept = store.first(
        query
          .selectFrom('tenantNote')
          .select((build) => build.fn.countAll<number>().as('count'))
          .where('applianceId', '=', applianceId),
      );
      if ((kept?.count ?? 0) >= maxNotes)
        throw new AppError('INVALID_INPUT', `At most ${maxNotes} notes are kept for an appliance.`);
      const changedAt = new Date(clock()).toISOString();
      const noteJson = JSON.stringify(note);
      const values = { applianceId, clientId, noteJson, changedAt, changedBy: operator };
      store.run(query.insertInto('tenantNote').values(values));
    });
  }

  return {
    /** The note of a tenant, or null. Throws NOT_FOUND for an unknown appliance. */
    get,
    /**
     * Saves a note. Null or an empty note deletes it. The audit trail contains the names of the changed
     * fields, but not their content. Rejects with CONFLICT if the note's `changedAt` is no longer `basis`; null
     * stands for no note.
     */
    set: async (tenant: TenantRef, note: TenantNote | null, basis?: string | null): Promise<void> => {
      const { name } = inventory.get(tenant.applianceId);
      const after = tenantNoteSchema.parse(note ?? {});
      const before = get(tenant) ?? emptyTenantNote;
      const changed = tenantNoteFields.filter((field) => before[field] !== after[field]);
      const isEmpty = tenantNoteFields.every((field) => after[field] === '');
      const action = {
        event: 'tenant.note',
        object: `${name}/${tenant.clientId}`,
        detail: changed.length === 0 ? 'nothing changed' : `changed: ${changed.join(', ')}`,
      } as const;
      await audit.act(action, () => write(tenant, isEmpty ? null : after, basis));
    },
  };
}
