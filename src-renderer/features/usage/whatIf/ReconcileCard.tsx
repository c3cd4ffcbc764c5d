import { useState } from 'react';
import type { Reconciled } from '../../../../src-shared/contract/usageChanges.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { formatDecimal, formatMoney } from '../../../../src-shared/model/billing/invoice.ts';
import { reconcileStates, type Reconciliation } from '../../../../src-shared/model/billing/reconcile.ts';
import {
  formatDifferences,
  writeVendorQuestion,
} from '../../../../src-shared/model/billing/reconcileText.ts';
import type { ColumnMapping } from '../../../../src-shared/model/billing/vendorInvoice.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { useNow } from '../../../ui/feedback/now.ts';
import { EmptyState, ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import { OpenFileButton } from '../../../ui/form/OpenFileButton.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { copyMachineText } from '../../../ui/text/copy.ts';
import { saveText } from '../../../ui/text/saveText.ts';
import { AmountText, DifferenceText } from '../components/AmountText.tsx';
import { ComparedTable } from './ComparedTable.tsx';
import { listMonths, nameMonthAndYear } from '../months.ts';
import { MappingDialog } from './MappingDialog.tsx';
import { useReconcile } from './queries.ts';
import { finishMapping, readInvoiceFile, type ChosenInvoice, type DraftMapping } from './readInvoice.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './whatIf.module.css';
import text from '../../../ui/text/text.module.css';

/** The chosen file with its mapping, and what comparing it gave. The page keeps it while it is open, and nothing else does. */
function useChosenInvoice(applianceId: string, month: string) {
  const [chosen, setChosen] = useState<{ invoice: ChosenInvoice; draft: DraftMapping } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isMapping, setMapping] = useState(false);
  const reconcile = useReconcile();
  const compare = ({ text: content }: ChosenInvoice, mapping: ColumnMapping, of = month) =>
    reconcile.mutate({ applianceId, month: of, text: content, mapping });
  const open = async (file: File) => {
    const read = await readInvoiceFile(file);
    reconcile.reset();
    setProblem(read.problem);
    setChosen(read.problem === null ? read : null);
    if (read.problem !== null) return;
    const mapping = finishMapping(read.draft);
    if (mapping === null) setMapping(true);
    else compare(read.invoice, mapping);
  };
  return {
    chosen,
    problem,
    isMapping,
    setMapping,
    reconcile,
    open: (file: File) => void open(file),
    use: (draft: DraftMapping, mapping: ColumnMapping) => {
      if (chosen === null) return;
      setChosen({ ...chosen, draft });
      setMapping(false);
      compare(chosen.invoice, mapping);
    },
    /** Compares the same file with another month. */
    changeMonth: (next: string) => {
      const mapping = chosen === null ? null : finishMapping(chosen.draft);
      if (chosen !== null && mapping !== null) compare(chosen.invoice, mapping, next);
    },
  };
}

/** Compares the vendor’s invoice, a CSV file, with a month. */
export function ReconcileCard({ applianceId, month }: { applianceId: string; month: string | null }) {
  const months = listMonths(useNow());
  const [chosenMonth, setChosenMonth] = useState(month ?? months[1] ?? '');
  const file = useChosenInvoice(applianceId, chosenMonth);
  const { reconcile, chosen } = file;
  const reconciled = reconcile.data?.reconciled ?? null;
  const retry = () => file.setMapping(true);
  return (
    <Card
      label="Reconcile"
      flush
      title={
        <>
          Reconcile: {nameMonthAndYear(chosenMonth)}{' '}
          <span className={text.sub}>{chosen === null ? '' : chosen.invoice.name}</span>
        </>
      }
      aside={
        <span className={styles.headline}>
          {reconciled === null ? null : <DifferenceChip reconciliation={reconciled.reconciliation} />}
          <CompactSelect
            label="Month of the invoice"
            value={chosenMonth}
            options={months.map((value) => ({ value, text: nameMonthAndYear(value) }))}
            onChange={(next) => {
              setChosenMonth(next);
              file.changeMonth(next);
            }}
          />
          <OpenFileButton small label="Invoice as a CSV file" text="Choose CSV file…" onFile={file.open} />
          <Button small disabled={chosen === null} onClick={() => file.setMapping(true)}>
            Mapping…
          </Button>
          <ExportButtons reconciled={reconciled} />
        </span>
      }
    >
      {file.problem === null ? null : (
        <p className={`${styles.note} ${feedback.word}`} data-tone="bad" role="alert">
          {file.problem}
        </p>
      )}
      {reconcile.error === null ? null : (
        <ErrorNotice error={toErrorData(reconcile.error)} onRetry={chosen === null ? undefined : retry} />
      )}
      {reconcile.isPending ? (
        <div className={styles.note}>
          <Skeleton lines={4} />
        </div>
      ) : reconciled === null ? (
        reconcile.error === null && file.problem === null ? (
          <EmptyState title="No invoice yet">
            Choose the vendor’s invoice as a CSV file. It is compared line by line, and stored nowhere.
          </EmptyState>
        ) : null
      ) : (
        <Reconciliations reconciled={reconciled} />
      )}
      {file.isMapping && chosen !== null ? (
        <MappingDialog
          invoice={chosen.invoice}
          start={chosen.draft}
          reconciled={reconciled}
          onClose={() => file.setMapping(false)}
          onUse={file.use}
        />
      ) : null}
    </Card>
  );
}

function DifferenceChip({ reconciliation }: { reconciliation: Reconciliation }) {
  const { differing, difference, currency } = reconciliation;
  const amount = difference.known ? formatMoney(difference.value, currency) : 'amount not known';
  return (
    <span className={feedback.chip} data-tone={differing === 0 ? 'ok' : 'warn'}>
      {differing === 0
        ? 'All lines are equal'
        : `${differing === 1 ? '1 line differs' : `${differing} lines differ`}, ${amount}`}
    </span>
  );
}

function ExportButtons({ reconciled }: { reconciled: Reconciled | null }) {
  const isEqual = reconciled === null || reconciled.reconciliation.differing === 0;
  return (
    <>
      <Button
        small
        disabled={isEqual}
        onClick={() =>
          reconciled === null
            ? undefined
            : saveText({
                name: `differences-${reconciled.name}-${reconciled.month}.csv`,
                type: 'text/csv',
                text: formatDifferences(reconciled.reconciliation),
              })
        }
      >
        Export differences…
      </Button>
      <Button
        small
        disabled={isEqual}
        onClick={() =>
          reconciled === null
            ? undefined
            : copyMachineText(
                writeVendorQuestion(reconciled.reconciliation, reconciled.invoice),
                'Question copied',
              )
        }
      >
        Copy question to vendor
      </Button>
    </>
  );
}

const countOr = (count: number | null, other: string) => (count === null ? other : formatCount(count));

function LineRow({ line }: { line: Reconciliation['lines'][number] }) {
  const { state, preview } = line;
  return (
    <tr data-differs={state !== 'equal'}>
      <th scope="row">
        <span className={styles.mark} data-state={state} title={reconcileStates[state].label} aria-hidden>
          {reconcileStates[state].mark}
        </span>
        {line.label}
        <span className={layout.srOnly}>, {reconcileStates[state].label}</span>
      </th>
      <td>{countOr(line.previewQuantity, state === 'onlyInvoice' ? 'no such line' : '–')}</td>
      <td>{countOr(line.invoiceQuantity, line.invoice === null ? 'no such line' : '–')}</td>
      <td>
        <AmountText amount={preview} />
      </td>
      <td>{line.invoice === null ? '–' : formatDecimal(line.invoice)}</td>
      <td>
        <DifferenceText amount={line.difference} />
      </td>
      <td className={styles.words}>{line.why === '' ? 'equal' : line.why}</td>
    </tr>
  );
}

function Reconciliations({ reconciled }: { reconciled: Reconciled }) {
  const { reconciliation, source, takenAt, error, planSource } = reconciled;
  const { lines, currency, previewTotal, invoiceTotal, difference, percent } = reconciliation;
  const isHigher = percent !== null && !percent.startsWith('-');
  return (
    <>
      <ComparedTable label={`Invoice against preview, amounts in ${currency}`}>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Preview count</th>
            <th scope="col">Invoice count</th>
            <th scope="col">Preview</th>
            <th scope="col">Invoice</th>
            <th scope="col">Difference</th>
            <th scope="col" className={styles.words}>
              Why
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <LineRow key={line.key ?? ` ${line.label}`} line={line} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td>–</td>
            <td>–</td>
            <td>
              <AmountText amount={previewTotal} />
            </td>
            <td>{formatDecimal(invoiceTotal)}</td>
            <td>
              <DifferenceText amount={difference} />
            </td>
            <td className={styles.words}>
              {percent === null || !difference.known || !/[1-9]/u.test(difference.value)
                ? ''
                : `invoice ${isHigher ? 'higher' : 'lower'} by ${percent.replace('-', '')} %`}
            </td>
          </tr>
        </tfoot>
      </ComparedTable>
      <p className={styles.note}>
        {source === 'appliance' ? 'Counted by the appliance' : 'Kept counts'}, <Ago at={takenAt} isSentence />
        {planSource === 'kept'
          ? ', priced by the plan that was kept in that month.'
          : ', priced by the plan in the licence.'}
        {error === null ? '' : ` The appliance can’t count now: ${error.message}`}
      </p>
    </>
  );
}
