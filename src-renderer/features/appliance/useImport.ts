import { useEffect, useState } from 'react';
import type { ImportRow, ImportSource } from '../../../src-shared/model/appliance/importRow.ts';
import { useImportPreview, useImportRows } from './mutations.ts';

/** The source of the appliances: the ssh_config of the console's computer, or a text. */
export type ImportOrigin = 'own-ssh-config' | 'ssh-config' | 'csv';

function toImportSource(origin: ImportOrigin, text: string): ImportSource | null {
  if (origin === 'own-ssh-config') return { kind: 'ssh-config', text: null };
  return text.trim() === '' ? null : { kind: origin, text };
}

/** Whether a row can be imported: new and changed rows can. */
export function isImportable(row: ImportRow): boolean {
  return row.appliance !== null && (row.state === 'new' || row.state === 'changed');
}

/**
 * State of an import: reads a file, compares it with the fleet, imports the selected rows. Can be repeated.
 */
export function useImport() {
  const [origin, setOrigin] = useState<ImportOrigin>('own-ssh-config');
  const [text, setText] = useState('');
  const [omitted, setOmitted] = useState<ReadonlySet<ImportRow>>(new Set());
  const preview = useImportPreview();
  const imported = useImportRows();
  const { mutate: readSource, reset: forgetRead } = preview;
  const { reset: forgetResults } = imported;

  const read = (from: ImportOrigin, typed: string): void => {
    const source = toImportSource(from, typed);
    setOrigin(from);
    setText(typed);
    setOmitted(new Set());
    forgetResults();
    if (source === null) forgetRead();
    else readSource({ source });
  };
  useEffect(() => {
    readSource({ source: { kind: 'ssh-config', text: null } });
  }, [readSource]);

  const rows = preview.data?.rows ?? [];
  const chosen = rows.filter((row) => isImportable(row) && !omitted.has(row));
  const run = (): void =>
    imported.mutate({
      rows: chosen.flatMap(({ appliance, existing, changes }) =>
        appliance === null ? [] : [{ id: existing?.id ?? null, appliance, changes }],
      ),
    });
  /** Returns the result of a row. Undefined if the row was not imported. */
  const getResult = (row: ImportRow) => imported.data?.results[chosen.indexOf(row)];
  return {
    origin,
    text,
    preview,
    rows,
    chosen,
    imported,
    read,
    run,
    getResult,
    /** Rows are compared as objects: several can have the same place, and names repeat in a file. */
    choose: (changed: readonly ImportRow[], isChosen: boolean): void =>
      setOmitted((current) => {
        const others = [...current].filter((row) => !changed.includes(row));
        return new Set(isChosen ? others : [...others, ...changed]);
      }),
  };
}
export type ImportState = ReturnType<typeof useImport>;
