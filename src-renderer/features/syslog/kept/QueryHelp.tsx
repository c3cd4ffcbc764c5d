import { queryFields, queryTerms } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Drawer } from '../../../ui/layout/Drawer.tsx';
import layout from '../../../ui/layout/layout.module.css';
import styles from './kept.module.css';

const forms: readonly (readonly [example: string, meaning: string])[] = [
  ['address', 'Lines that contain this text, also inside a word'],
  ['"already in use"', 'Lines with this phrase'],
  ['word:err', 'Lines with this whole word'],
  ['ke_*', 'Any text of one word for *, one character for ?'],
  ['/port \\d+/', 'Lines that match this regular expression (RE2); /…/i folds case'],
  ['sshd northwind', 'Lines with both'],
  ['a OR b', 'Lines with one or both'],
  ['-CRON', 'Lines without it; NOT CRON is the same'],
  ['(a OR b) c', 'Brackets group'],
  ['program:(sshd OR CRON)', 'One of these values'],
  ['port:2200..2239', 'A range, with both ends'],
];

function Table({
  rows,
  label,
  onUse,
}: {
  rows: typeof forms;
  label: string;
  onUse: (example: string) => void;
}) {
  return (
    <ul className={styles.help} aria-label={label}>
      {rows.map(([example, meaning]) => (
        <li key={example}>
          <Button small kind="quiet" onClick={() => onUse(example)} title="Add to the query">
            <code>{example}</code>
          </Button>
          <span>{meaning}</span>
        </li>
      ))}
    </ul>
  );
}

/** The query language. A click adds an example to the query. */
export function QueryHelp({ onUse, onClose }: { onUse: (example: string) => void; onClose: () => void }) {
  const fields = queryTerms.flatMap((name) =>
    name === 'word' ? [] : [[queryFields[name].example, queryFields[name].meaning] as const],
  );
  return (
    <Drawer opened onClose={onClose} title="Query help">
      <div className={`${layout.stack} ${styles.drawer}`}>
        <h3>Terms</h3>
        <Table rows={forms} label="Terms" onUse={onUse} />
        <h3>Fields</h3>
        <Table rows={fields} label="Fields" onUse={onUse} />
        <p>
          A severity is smaller if it is more urgent: severity:&lt;=err means err and worse. Upper and lower
          case are alike. What has no meaning in the language searches for itself.
        </p>
      </div>
    </Drawer>
  );
}
