import { useState } from 'react';
import { formatAddress } from '../../../../src-shared/model/appliance/address.ts';
import type { ImportRow } from '../../../../src-shared/model/appliance/importRow.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { FilterChip } from '../../../ui/layout/FilterChip.tsx';
import { Chips } from '../../../ui/layout/Lists.tsx';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { useAppliances } from '../../fleet/queries.ts';
import { describeChanges } from '../importChanges.ts';
import { type ImportState, isImportable } from '../useImport.ts';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import textStyles from '../../../ui/text/text.module.css';

type RowState = ImportRow['state'];

const states: Record<RowState, { label: string; tone?: 'accent' | 'warn' | 'bad' }> = {
  new: { label: 'new', tone: 'accent' },
  changed: { label: 'changed', tone: 'warn' },
  same: { label: 'unchanged' },
  invalid: { label: 'invalid', tone: 'bad' },
};
const stateOrder: readonly RowState[] = ['new', 'changed', 'same', 'invalid'];

/** The appliances in the file, compared with the fleet. */
export function ImportRows({ state }: { state: ImportState }) {
  const { rows, chosen, choose, getResult, imported } = state;
  const [filter, setFilter] = useState<RowState | 'all'>('all');
  const appliances = useAppliances();
  const shown = rows
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => filter === 'all' || row.state === filter);
  if (rows.length === 0) return <p className={textStyles.sub}>The file contains no appliances.</p>;
  return (
    <>
      <Chips label="Show">
        <FilterChip on={filter === 'all'} onToggle={() => setFilter('all')}>
          all {rows.length}
        </FilterChip>
        {stateOrder.map((name) => (
          <FilterChip key={name} on={filter === name} onToggle={() => setFilter(name)}>
            {states[name].label} {rows.filter((row) => row.state === name).length}
          </FilterChip>
        ))}
      </Chips>
      <section className={styles.importRows} aria-label="Appliances in the file">
        <table>
          <thead>
            <tr>
              <th>
                <ChooseAll rows={shown.map(({ row }) => row)} state={state} />
              </th>
              <th>Appliance</th>
              <th>Compared with the fleet</th>
              <th>Result</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ row, index }) => (
              <tr key={index} aria-label={row.name}>
                <td>
                  {isImportable(row) ? (
                    <input
                      type="checkbox"
                      aria-label={`Import ${row.name}`}
                      checked={chosen.includes(row)}
                      disabled={imported.data !== undefined || imported.isPending}
                      onChange={(event) => choose([row], event.currentTarget.checked)}
                    />
                  ) : null}
                </td>
                <td>
                  <span className={textStyles.strong}>{visibleText(row.name) || '–'}</span>
                  <br />
                  <MachineText
                    text={row.appliance === null ? row.place : formatAddress(row.appliance.target)}
                  />
                </td>
                <td>
                  <Comparison
                    row={row}
                    entry={appliances.find(({ entry }) => entry.id === row.existing?.id)?.entry}
                  />
                </td>
                <td>
                  <Result result={getResult(row)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function ChooseAll({ rows, state }: { rows: readonly ImportRow[]; state: ImportState }) {
  const importable = rows.filter(isImportable);
  return (
    <input
      type="checkbox"
      aria-label="Import all"
      disabled={importable.length === 0 || state.imported.data !== undefined}
      checked={importable.length > 0 && importable.every((row) => state.chosen.includes(row))}
      onChange={(event) => state.choose(importable, event.currentTarget.checked)}
    />
  );
}

function Comparison({ row, entry }: { row: ImportRow; entry: Parameters<typeof describeChanges>[1] }) {
  const { label, tone } = states[row.state];
  const jumps = row.appliance?.jumps ?? [];
  const credential = row.appliance?.target.authentication.credential;
  return (
    <>
      <span className={feedback.chip} data-tone={tone}>
        {label}
      </span>{' '}
      {jumps.length === 0 ? null : (
        <span className={textStyles.sub}>via {jumps.map((jump) => jump.host).join(', ')}</span>
      )}
      {row.existing !== null && row.existing.name !== row.name ? (
        <span className={textStyles.sub}> updates {row.existing.name}</span>
      ) : null}
      {credential === undefined ? null : (
        <p className={textStyles.sub}>Signs in with the credential {credential}</p>
      )}
      {describeChanges(row, entry).map(({ label: field, before, after }) => (
        <p key={field} className={textStyles.sub}>
          {field}: <MachineText text={before} /> → <MachineText text={after} />
        </p>
      ))}
      {row.problems.map((problem) => (
        <p key={problem} className={textStyles.sub}>
          {visibleText(problem)}
        </p>
      ))}
    </>
  );
}

function Result({ result }: { result: ReturnType<ImportState['getResult']> }) {
  if (result === undefined) return null;
  if (result.error === null)
    return (
      <span className={feedback.word} data-tone="ok">
        ✓ imported
      </span>
    );
  return (
    <span className={feedback.word} data-tone="bad">
      ✕ {result.error.code}: {visibleText(result.error.message)}
    </span>
  );
}
