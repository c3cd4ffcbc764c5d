import { useState } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { maxApplianceCsv } from '../../../../src-shared/model/appliance/applianceCsv.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { FileField } from '../../../ui/form/FileField.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { FilterChip } from '../../../ui/layout/FilterChip.tsx';
import { Chips } from '../../../ui/layout/Lists.tsx';
import { type ImportOrigin, type ImportState, useImport } from '../useImport.ts';
import { ImportRows } from './ImportRows.tsx';
import formStyles from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const origins: Record<ImportOrigin, string> = {
  'own-ssh-config': '~/.ssh/config',
  'ssh-config': 'Another ssh_config',
  csv: 'CSV',
};
const originChoices: readonly ImportOrigin[] = ['own-ssh-config', 'ssh-config', 'csv'];

/**
 * Imports appliances from a file: shows new and changed rows, lets the user select rows, and shows the result
 * of each.
 */
export function ImportAppliances({ onDone }: { onDone: () => void }) {
  const state = useImport();
  const { origin, text, preview, imported, read } = state;
  return (
    <div className={formStyles.form}>
      <div className={layout.row}>
        <Chips label="Import from">
          {originChoices.map((choice) => (
            <FilterChip
              key={choice}
              on={origin === choice}
              onToggle={() => (choice === origin ? undefined : read(choice, ''))}
            >
              {origins[choice]}
            </FilterChip>
          ))}
        </Chips>
        <span className={layout.grow} />
        {origin === 'own-ssh-config' ? (
          <Button small busy={preview.isPending} onClick={() => read(origin, '')}>
            Read again
          </Button>
        ) : null}
      </div>
      {origin === 'own-ssh-config' ? null : (
        <SourceField key={origin} origin={origin} text={text} onText={(next) => read(origin, next)} />
      )}
      {preview.error === null ? null : <ErrorNotice error={toErrorData(preview.error)} />}
      {preview.isPending ? <Skeleton lines={4} /> : null}
      {preview.data === undefined ? null : <ImportRows state={state} />}
      <Problems problems={preview.data?.problems ?? []} />
      {imported.error === null ? null : <ErrorNotice error={toErrorData(imported.error)} />}
      <ImportFoot state={state} onDone={onDone} />
    </div>
  );
}

function SourceField(props: { origin: ImportOrigin; text: string; onText: (text: string) => void }) {
  const [refusal, setRefusal] = useState<string>();
  const isCsv = props.origin === 'csv';
  return (
    <FileField
      label={isCsv ? 'CSV' : 'ssh_config'}
      value={props.text}
      onText={(text) => {
        setRefusal(undefined);
        props.onText(text);
      }}
      onRefused={setRefusal}
      maxBytes={maxApplianceCsv}
      accept={isCsv ? '.csv,text/csv,text/plain' : 'text/plain,.conf,.config'}
      placeholder={isCsv ? 'name,address,group,tags' : 'Host kiln-01\n  HostName 10.20.0.11'}
      description={
        isCsv
          ? 'First line: name, address and optionally user, port, group, cluster, tags, description, key_file, jump, connect.'
          : 'Included files are not read.'
      }
      error={refusal}
      rows={props.text === '' ? 5 : 2}
      hasInitialFocus
    />
  );
}

function Problems({ problems }: { problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className={`${layout.plainList} ${textStyles.sub}`} aria-label="Unrecognised lines">
      {problems.map((problem) => (
        <li key={problem}>{visibleText(problem)}</li>
      ))}
    </ul>
  );
}

function ImportFoot({ state, onDone }: { state: ImportState; onDone: () => void }) {
  const { chosen, imported, run } = state;
  if (imported.data !== undefined) {
    const failed = imported.data.results.filter(({ error }) => error !== null).length;
    const done = imported.data.results.length - failed;
    return (
      <div className={formStyles.formActions}>
        <output className={layout.grow}>
          {done} imported{failed === 0 ? '' : `, ${failed} failed`}. Compare each host key at the first
          connection.
        </output>
        <Button kind="primary" onClick={onDone}>
          Close
        </Button>
      </div>
    );
  }
  return (
    <div className={formStyles.formActions}>
      <span className={`${textStyles.sub} ${layout.grow}`}>
        You can import again after the file changes. Importing never removes appliances or reads passwords.
      </span>
      <Button onClick={onDone}>Cancel</Button>
      <Button
        kind="primary"
        busy={imported.isPending}
        disabled={chosen.length === 0}
        title={chosen.length === 0 ? 'Select at least one new or changed appliance' : ''}
        onClick={run}
      >
        Import {chosen.length}
      </Button>
    </div>
  );
}
