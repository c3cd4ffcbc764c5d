import type { WhatIf } from '../../../../src-shared/contract/usageChanges.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { formatMoney, type Amount } from '../../../../src-shared/model/billing/invoice.ts';
import { hashedFields } from '../../../../src-shared/model/usage/hashedFields.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import { AmountText, DifferenceText } from '../components/AmountText.tsx';
import { ComparedTable } from './ComparedTable.tsx';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from './whatIf.module.css';

const formatTotal = (total: Amount, currency: string) =>
  total.known ? formatMoney(total.value, currency) : 'not known';
const countOrDash = (count: number | null) => (count === null ? '–' : formatCount(count));

function describeChange({ comparison }: WhatIf['priced']): string {
  const { difference, percent, currency } = comparison;
  if (!difference.known) return 'not known';
  if (!/[1-9]/u.test(difference.value)) return 'the same';
  const isLess = difference.value.startsWith('-');
  const share = percent === null ? '' : `, ${percent.replace('-', '')} %`;
  return `${formatMoney(difference.value.replace('-', ''), currency)} ${isLess ? 'less' : 'more'}${share}`;
}

/** The bills at the end of the month, both projected by the rule of the invoice, which is stated. */
function ProjectedBill({ projected: { before, after } }: Pick<WhatIf, 'projected'>) {
  if (before === null || after === null || after.daysLeft === 0) return null;
  if (!before.known || !after.known)
    return after.known ? null : <p className={styles.note}>No projection: {after.reason}</p>;
  const { currency } = after.invoice;
  return (
    <p className={styles.note}>
      Projected to the end of the month: {formatTotal(before.invoice.total, before.invoice.currency)} →{' '}
      <b>{formatTotal(after.invoice.total, currency)}</b>, range {formatTotal(after.low, currency)}–
      {formatTotal(after.high, currency)}. {after.basis}
    </p>
  );
}

/** The bill of the month before and after a scenario, line by line. */
export function BillCard({ priced, projected }: Pick<WhatIf, 'priced' | 'projected'>) {
  const { before, after, comparison } = priced;
  const { difference } = comparison;
  const tone = difference.known && difference.value.startsWith('-') ? 'ok' : undefined;
  return (
    <Card
      label="Bill"
      flush
      title={`Bill, counted to date`}
      aside={
        <span className={styles.headline}>
          <b className={styles.former}>{formatTotal(before.total, before.currency)}</b>{' '}
          <span aria-label="becomes">→</span> <b>{formatTotal(after.total, after.currency)}</b>{' '}
          <span className={feedback.chip} data-tone={tone}>
            {describeChange(priced)}
          </span>
        </span>
      }
    >
      <ComparedTable label={`Bill before and after, amounts in ${after.currency}`}>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
            <th scope="col">{after.currency} before</th>
            <th scope="col">{after.currency} after</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {comparison.lines.map((line) => (
            <tr key={line.key}>
              <th scope="row">{line.label}</th>
              <td>{countOrDash(line.quantityBefore)}</td>
              <td>{countOrDash(line.quantityAfter)}</td>
              <td>
                <AmountText amount={line.before} />
              </td>
              <td>
                <AmountText amount={line.after} />
              </td>
              <td>
                <DifferenceText amount={line.difference} />
              </td>
            </tr>
          ))}
        </tbody>
      </ComparedTable>
      <ProjectedBill projected={projected} />
      {after.total.known ? null : (
        <p className={styles.note} role="alert">
          {after.total.reason}
        </p>
      )}
    </Card>
  );
}

const describeField = (plain: number | null) =>
  plain === null ? 'not known' : plain === 0 ? 'MD5' : `MD5, except ${formatCount(plain)}`;
const signed = (count: number | null) =>
  count === null ? 'not known' : `${count > 0 ? '+' : ''}${formatCount(count)}`;

function describePeople(added: number | null): string {
  if (added === null) return 'not known';
  if (added === 0) return 'no change';
  const people = Math.abs(added) === 1 ? 'account' : 'accounts';
  return `${formatCount(Math.abs(added))} ${added > 0 ? 'more' : 'fewer'} ${people} in plain text`;
}

/** Which fields the vendor receives in plain text before and after a scenario. */
export function PrivacyCard({ priced }: { priced: WhatIf['priced'] }) {
  const { before, after, added } = priced.plainText;
  const isMore = added !== null && added > 0;
  return (
    <Card
      label="Privacy"
      flush
      {...(isMore ? { tone: 'warn' as const } : {})}
      title="Privacy, what the vendor receives"
      aside={
        <span className={styles.headline}>
          <b className={styles.former}>{countOrDash(before)}</b> <span aria-label="becomes">→</span>{' '}
          <b>{countOrDash(after)}</b>{' '}
          <span className={feedback.chip} data-tone={isMore ? 'warn' : undefined}>
            {describePeople(added)}
          </span>
        </span>
      }
    >
      <ComparedTable label="Fields before and after">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
            <th scope="col">Rows in plain text</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(hashedFields).map(([field, { label }]) => (
            <tr key={field}>
              <th scope="row">{label}</th>
              <td>{describeField(before)}</td>
              <td>{describeField(after)}</td>
              <td>{signed(added)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Active, admin, connector, dates</th>
            <td>sent</td>
            <td>sent</td>
            <td>no change</td>
          </tr>
        </tbody>
      </ComparedTable>
    </Card>
  );
}
