import { Button } from '../../../ui/layout/Button.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import styles from '../connect.module.css';
import layout from '../../../ui/layout/layout.module.css';

export type RepositoryRow = { key: number; group: string; repository: string; uri: string };

let lastKey = 0;
export function newRow(group = ''): RepositoryRow {
  lastKey += 1;
  return { key: lastKey, group, repository: '', uri: '' };
}

export function filledRows(
  rows: readonly RepositoryRow[],
): { group: string; repository: string; uri: string }[] {
  return rows
    .filter(({ repository, uri }) => repository.trim() !== '' || uri.trim() !== '')
    .map(({ group, repository, uri }) => ({
      group: group.trim(),
      repository: repository.trim(),
      uri: uri.trim(),
    }));
}

/** One row per repository with its group, name and URI. */
export function RepositoryRows({
  rows,
  onChange,
}: {
  rows: readonly RepositoryRow[];
  onChange: (rows: RepositoryRow[]) => void;
}) {
  const change = (key: number, part: Partial<RepositoryRow>): void =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  return (
    <div className={layout.stack}>
      {rows.map((row, index) => (
        <fieldset className={styles.connectRows} key={row.key} aria-label={`Repository ${index + 1}`}>
          <TextField
            label="Group"
            value={row.group}
            onChange={(group) => change(row.key, { group })}
            machine
          />
          <TextField
            label="Name"
            value={row.repository}
            onChange={(repository) => change(row.key, { repository })}
            machine
          />
          <TextField
            label="service[+scheme]://host:port[path]"
            value={row.uri}
            onChange={(uri) => change(row.key, { uri })}
            placeholder="smb://files.example.com:445"
            machine
          />
          <Button
            kind="quiet"
            label={`Remove repository ${index + 1}`}
            onClick={() => onChange(rows.filter(({ key }) => key !== row.key))}
          >
            ✕
          </Button>
        </fieldset>
      ))}
      <div className={layout.row}>
        <Button small onClick={() => onChange([...rows, newRow(rows.at(-1)?.group)])}>
          Add repository
        </Button>
      </div>
    </div>
  );
}
