import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import type { UsageSummary } from '../../../../src-shared/model/usage/usageSummary.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import { countAccounts } from '../countAccounts.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../usage.module.css';

const people = (count: number) => `${formatCount(count)} ${count === 1 ? 'account' : 'accounts'}`;

/** What a report takes out of the building, beside what stays in it. */
export function LeavesCard({ name, summary }: { name: string; summary: UsageSummary | null }) {
  const counts = summary === null || summary.cutShort !== null ? null : countAccounts(summary);
  const hashed =
    counts === null ? 'hashed accounts' : `${formatCount(counts.all - counts.internal)} hashed accounts`;
  return (
    <Card
      label="What leaves the building"
      title="What leaves the building"
      flush
      aside={
        counts === null ? (
          <span className={feedback.chip}>not counted</span>
        ) : (
          <span className={feedback.chip} data-tone={counts.internal > 0 ? 'warn' : 'ok'}>
            {counts.internal > 0 ? `${people(counts.internal)} in plain text` : 'no name in plain text'}
          </span>
        )
      }
    >
      <div className={styles.sides}>
        <section>
          <h3 data-side="leaves">Leaves {name}</h3>
          <ul>
            <li>Account ID, user name, user ID and domain as MD5</li>
            {counts !== null && counts.internal === 0 ? null : (
              <li>
                The same four in plain text for{' '}
                {counts === null ? 'internal development' : people(counts.internal)}
              </li>
            )}
            <li>Active, admin, connector, internal, three dates</li>
            <li>Totals per connector, number of developers</li>
            <li>Daily ping: version, host name, addresses, licence key</li>
          </ul>
        </section>
        <section>
          <h3 data-side="stays">Stays on {name}</h3>
          <ul>
            <li>Files, their names and contents</li>
            <li>Passwords, tokens and keys</li>
            <li>Names of {hashed}</li>
            <li>Tenants, ports and logs</li>
            <li>Times of day</li>
          </ul>
        </section>
      </div>
      <p className={styles.footNotes}>
        MD5 of an e-mail address is a pseudonym, not anonymity. Anyone who guesses the address can check it.
      </p>
    </Card>
  );
}
