import { useState } from 'react';
import type { Reconciled } from '../../../../src-shared/contract/usageChanges.ts';
import type { ColumnMapping } from '../../../../src-shared/model/billing/vendorInvoice.ts';
import { SelectField, TextField } from '../../../ui/form/Fields.tsx';
import { Form, FormGrid } from '../../../ui/form/Form.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { finishMapping, type ChosenInvoice, type DraftMapping } from './readInvoice.ts';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

const columnFields = [
  ['label', 'Line', true],
  ['amount', 'Amount', true],
  ['quantity', 'Quantity', false],
  ['currency', 'Currency', false],
] as const;

const leaveOut = ' leave out';

/** The labels of the invoice that no line of the preview has, and those that the operator already assigned. */
function listLabels(draft: DraftMapping, reconciled: Reconciled | null): string[] {
  const unknown = (reconciled?.reconciliation.lines ?? []).flatMap(({ state, label }) =>
    state === 'onlyInvoice' ? [label] : [],
  );
  return [...new Set([...Object.keys(draft.lines), ...unknown])];
}

function assign(lines: ColumnMapping['lines'], label: string, value: string): ColumnMapping['lines'] {
  const others = Object.fromEntries(Object.entries(lines).filter(([known]) => known !== label));
  return value === '' ? others : { ...others, [label]: value === leaveOut ? null : value };
}

/** Which columns of the file have what, and which lines of the preview its lines mean. */
export function MappingDialog({
  invoice,
  start,
  reconciled,
  onClose,
  onUse,
}: {
  invoice: ChosenInvoice;
  start: DraftMapping;
  reconciled: Reconciled | null;
  onClose: () => void;
  onUse: (draft: DraftMapping, mapping: ColumnMapping) => void;
}) {
  const [draft, setDraft] = useState(start);
  const mapping = finishMapping(draft);
  const columnOptions = invoice.columnNames.map((name) => ({ value: name, label: name }));
  return (
    <Dialog opened onClose={onClose} title={`Columns of ${invoice.name}`}>
      <Form className={layout.stack} onSubmit={() => (mapping === null ? undefined : onUse(draft, mapping))}>
        {[columnFields.slice(0, 2), columnFields.slice(2)].map((pair, at) => (
          <FormGrid key={at}>
            {pair.map(([column, label, isRequired]) => (
              <SelectField
                key={column}
                label={label}
                value={draft.columns[column] ?? ''}
                options={[{ value: '', label: isRequired ? 'Choose a column' : 'None' }, ...columnOptions]}
                onChange={(name) =>
                  setDraft({
                    ...draft,
                    columns: { ...draft.columns, [column]: name === '' ? null : name },
                  })
                }
              />
            ))}
          </FormGrid>
        ))}
        <FormGrid>
          <SelectField
            label="Sign before decimal places"
            value={draft.decimalSeparator ?? ''}
            options={[
              { value: '', label: 'Choose a sign' },
              { value: '.', label: 'Point: 1,200.00' },
              { value: ',', label: 'Comma: 1.200,00' },
            ]}
            onChange={(sign) =>
              setDraft({ ...draft, decimalSeparator: sign === '.' || sign === ',' ? sign : null })
            }
          />
          <TextField
            label="Currency of $, £ or ¥"
            value={draft.signCurrency}
            placeholder="USD"
            machine
            onChange={(code) => setDraft({ ...draft, signCurrency: code.toUpperCase().slice(0, 3) })}
          />
        </FormGrid>
        <LineFields
          draft={draft}
          reconciled={reconciled}
          onChange={(lines) => setDraft({ ...draft, lines })}
        />
        <div className={form.formActions}>
          <span className={`${text.sub} ${layout.grow}`}>
            {mapping === null ? 'Choose the columns of lines and amounts, and the sign.' : ''}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit disabled={mapping === null}>
            Compare
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

function LineFields({
  draft,
  reconciled,
  onChange,
}: {
  draft: DraftMapping;
  reconciled: Reconciled | null;
  onChange: (lines: ColumnMapping['lines']) => void;
}) {
  const labels = listLabels(draft, reconciled);
  if (reconciled === null || labels.length === 0) return null;
  const lines = reconciled.invoice.lines.map(({ key, label }) => ({ value: key, label }));
  return (
    <>
      <p className={text.sub}>Lines of the invoice that the preview has under another name, or not at all:</p>
      {labels.map((label) => {
        const value = draft.lines[label];
        return (
          <SelectField
            key={label}
            label={label}
            value={value === null ? leaveOut : (value ?? '')}
            options={[
              { value: '', label: 'Only on the invoice' },
              { value: leaveOut, label: 'No charge: leave out, e.g. a sum' },
              ...lines,
            ]}
            onChange={(chosen) => onChange(assign(draft.lines, label, chosen))}
          />
        );
      })}
    </>
  );
}
