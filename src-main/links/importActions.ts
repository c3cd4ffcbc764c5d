import { userInfo, homedir } from 'node:os';
import { AppError, toErrorData, type ErrorData } from '../../src-shared/errors.ts';
import { readApplianceCsv } from '../../src-shared/model/appliance/applianceCsv.ts';
import type { ApplianceField, ApplianceInput } from '../../src-shared/model/appliance/applianceEntry.ts';
import type { ImportPreview, ImportSource } from '../../src-shared/model/appliance/importRow.ts';
import { readSshConfig } from '../../src-shared/model/appliance/sshConfig.ts';
import { previewImport } from '../inventory/importPreview.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { createApplianceActions } from './applianceActions.ts';
import { readSshConfigFile } from './sshConfigFile.ts';

/** A source that the page may send, or a file that the command line names. */
type Source = ImportSource | { kind: 'ssh-config-file'; path: string };

function readSource(source: Source) {
  if (source.kind === 'csv') return readApplianceCsv(source.text);
  if (source.kind === 'ssh-config-file') return readSshConfigFile(source.path);
  if (source.text === null) return readSshConfigFile();
  return readSshConfig({
    file: { name: 'ssh_config', text: source.text },
    // The text comes from the page, so its Include lines must not read files of this computer.
    readInclude: () => [],
    people: { localUser: userInfo().username, homeFolder: homedir() },
  });
}

/** Without an `id`, the appliance is new. Otherwise only the fields of `changes` are changed. */
type RowToImport = { id: string | null; appliance: ApplianceInput; changes?: readonly ApplianceField[] };

/** Imports appliances from files. Each import is recorded like an entry that a user added or edited. */
export function createImportActions(options: {
  inventory: Inventory;
  appliances: Pick<ReturnType<typeof createApplianceActions>, 'add' | 'edit'>;
}) {
  const { inventory, appliances } = options;

  async function importRow({ id, appliance, changes }: RowToImport): Promise<ErrorData | null> {
    try {
      await (id === null
        ? appliances.add(appliance, null)
        : appliances.edit(id, appliance, { fields: changes }));
      return null;
    } catch (thrown) {
      if (thrown instanceof AppError) return toErrorData(thrown);
      throw thrown;
    }
  }

  return {
    /** Throws INVALID_INPUT if the file of `source` can't be read. */
    preview: (source: Source): ImportPreview => previewImport(readSource(source), inventory.list()),
    /**
     * Adds rows without an `id` and edits the entries of the others, in order. Continues after a failed row.
     * Pins no host key.
     */
    importRows: async (rows: readonly RowToImport[]) => {
      const results: { name: string; error: ErrorData | null }[] = [];
      for (const row of rows) results.push({ name: row.appliance.name, error: await importRow(row) });
      return results;
    },
  };
}
