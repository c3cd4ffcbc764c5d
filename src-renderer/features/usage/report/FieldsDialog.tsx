import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import {
  accountFields,
  perUserHeadFields,
  pingFields,
  standardFields,
} from '../../../../src-shared/model/usage/fieldTexts.ts';
import { formatAccountLine } from '../../../../src-shared/model/usage/usageLines.ts';
import type { AccountLine } from '../../../../src-shared/model/usage/usageReport.ts';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

type Fields = Readonly<Record<string, { label: string; means: string; source: string }>>;
type Values = Readonly<Record<string, unknown>>;

const show = (value: unknown): string =>
  value === null ? 'empty' : visibleLine(typeof value === 'string' ? value : JSON.stringify(value));

/** Fields of a report with their meaning, and with the values of one row if it is given. */
export function FieldTable({ label, fields, values }: { label: string; fields: Fields; values?: Values }) {
  return (
    <div className={styles.tableFrame} data-testid="table">
      <table className={styles.fields} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            {values === undefined ? null : <th scope="col">Value</th>}
            <th scope="col">Means</th>
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(fields).map(([name, { means, source }]) => (
            <tr key={name}>
              <th scope="row" className={text.mono}>
                {name}
              </th>
              {values === undefined ? null : <td className={text.mono}>{show(values[name])}</td>}
              <td>{means}</td>
              <td className={text.sub}>{source}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const parts = [
  { title: 'Per user: each account, one line', fields: accountFields },
  {
    title: 'Per user: first line. The last one counts accounts and those in plain text.',
    fields: perUserHeadFields,
  },
  { title: 'Standard', fields: standardFields },
  { title: 'Ping', fields: pingFields },
] as const;

/** Every field that leaves the appliance for billing, with its meaning and where it comes from. */
export function FieldsDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title="All fields explained" size={820}>
      <div className={layout.stack}>
        <p>
          Nothing else leaves. MD5 of an e-mail address is a pseudonym, not anonymity: anyone who guesses the
          address can check it.
        </p>
        {parts.map(({ title, fields }) => (
          <section key={title} aria-label={title}>
            <h3 className={styles.partTitle}>{title}</h3>
            <FieldTable label={title} fields={fields} />
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** One row of the per-user report: its bytes, and what they mean. */
export function RowDialog({ row, onClose }: { row: AccountLine | null; onClose: () => void }) {
  return (
    <Dialog opened={row !== null} onClose={onClose} title="Row of the per-user report" size={820}>
      {row === null ? null : (
        <div className={layout.stack}>
          <p>{row.internal ? 'Sent in plain text, because it is internal development.' : 'Sent hashed.'}</p>
          <code className={text.command}>{formatAccountLine(row)}</code>
          <FieldTable label="Fields of the row" fields={accountFields} values={row} />
        </div>
      )}
    </Dialog>
  );
}
