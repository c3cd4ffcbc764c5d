import { AppError } from '../../../../src-shared/errors.ts';
import { parseInput } from '../../../../src-shared/parseInput.ts';
import { lookAlikeSentence } from '../../../../src-shared/base/lookAlikes.ts';
import { clientIdSchema } from '../../../../src-shared/model/tenants/clientId.ts';
import {
  emptyTenantNote,
  tenantNoteSchema,
  type TenantNote,
} from '../../../../src-shared/model/tenants/tenantNote.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

/**
 * The options of `tenant note`. Each has the name of a field of the note. Without options, the note is
 * printed.
 */
export type NoteOptions = Partial<TenantNote> & { clear?: boolean };

const labels: Readonly<Record<keyof TenantNote, string>> = {
  contactName: 'contact',
  email: 'e-mail',
  phone: 'phone',
  contactText: 'about the contact',
  note: 'note',
};

function readNote(before: TenantNote, { clear = false, ...changes }: NoteOptions): TenantNote {
  const { contactName, email, phone, contactText, note } = clear ? emptyTenantNote : before;
  return parseInput(tenantNoteSchema, { contactName, email, phone, contactText, note, ...changes });
}

/** Prints the contact and the note of a tenant. With options, changes these fields. */
export function tenantNote(
  globals: Globals,
  request: { appliance: string; clientId: string; options: NoteOptions },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const clientId = clientIdSchema.safeParse(request.clientId).data;
    if (clientId === undefined)
      throw new AppError(
        'INVALID_INPUT',
        `${JSON.stringify(request.clientId)} is not a valid client ID.${lookAlikeSentence(request.clientId)}`,
      );
    const tenant = { applianceId: findAppliance(services, request.appliance).id, clientId };
    if (Object.keys(request.options).length > 0) {
      const before = services.tenantNotes.get(tenant);
      const after = readNote(before ?? emptyTenantNote, request.options);
      await services.tenantNotes.set(tenant, after, before?.changedAt ?? null);
    }
    const note = services.tenantNotes.get(tenant);
    globals.output.print({ note }, () => {
      if (note === null) return 'No contact and no note yet.';
      const lines = Object.entries(labels).flatMap(([field, label]) => {
        const text = Object.entries(note).find(([name]) => name === field)?.[1] ?? '';
        return text === '' ? [] : [`${label}: ${text}`];
      });
      return [...lines, `changed ${note.changedAt} by ${note.changedBy}`].join('\n');
    });
    return 0;
  });
}
