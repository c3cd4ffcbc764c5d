import { formatDecimal, type Amount } from '../../../../src-shared/model/billing/invoice.ts';
import styles from '../usage.module.css';

const signOf = (value: string) => (value.startsWith('-') ? -1 : Number(/[1-9]/u.test(value)));

/** An amount without its currency, or that it is not known, and why. Never 0 in place of an unknown amount. */
export function AmountText({ amount }: { amount: Amount | null }) {
  if (amount === null) return <span className={styles.none}>–</span>;
  if (amount.known) return formatDecimal(amount.value);
  return (
    <span className={styles.unknown} title={`${amount.reason} (${amount.code})`}>
      not known
    </span>
  );
}

/** A difference with its sign. What costs more stands out. */
export function DifferenceText({ amount }: { amount: Amount | null }) {
  if (amount === null || !amount.known) return <AmountText amount={amount} />;
  const sign = signOf(amount.value);
  return (
    <span data-sign={sign} className={styles.difference}>
      {sign > 0 ? '+' : ''}
      {formatDecimal(amount.value)}
    </span>
  );
}
