import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import type { FleetUsage as FleetUsageData, FleetUsageRow } from '../../../../src-shared/contract/usage.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { formatMoney, type Amount } from '../../../../src-shared/model/billing/invoice.ts';
import { places } from '../../../state/places.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Ago } from '../../../ui/feedback/Age.tsx';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PageHead } from '../../../ui/layout/Page.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { useFleetUsage } from '../queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

function Money({ amount, currency }: { amount: Amount | null; currency: string | null }) {
  if (amount === null) return <span className={styles.none}>–</span>;
  if (amount.known) return formatMoney(amount.value, currency ?? '');
  return (
    <span className={styles.unknown} title={amount.reason}>
      not known
    </span>
  );
}

const count = (value: number | null) => (value === null ? '–' : formatCount(value));

function ApplianceRow({
  name,
  row,
  isCounting,
}: {
  name: string;
  row: FleetUsageRow | undefined;
  isCounting: boolean;
}) {
  return (
    <tr>
      <th scope="row">
        <PlaceLink to={places.applianceUsage(name)} className={text.link}>
          {name}
        </PlaceLink>
      </th>
      <td>{count(row?.accounts ?? null)}</td>
      <td>{count(row?.internal ?? null)}</td>
      <td>
        <Money amount={row?.total ?? null} currency={row?.currency ?? null} />
      </td>
      <td>
        <Money amount={row?.projected ?? null} currency={row?.currency ?? null} />
      </td>
      <td>{row === undefined ? '–' : <Ago at={row.takenAt} />}</td>
      <td className={styles.state}>
        {row === undefined ? (
          isCounting ? (
            'counting…'
          ) : (
            'not counted'
          )
        ) : row.error === null ? (
          'counted'
        ) : (
          <span className={styles.unknown}>
            {row.error.message} ({row.error.code})
            {row.total === null ? '' : ' The amount is the last good one, which is not in the total.'}
          </span>
        )}
      </td>
    </tr>
  );
}

function Totals({ fleet }: { fleet: FleetUsageData }) {
  const { missing } = fleet;
  return (
    <div className={styles.footNotes}>
      {fleet.totals.length === 0 ? <p>No total: no amount is known.</p> : null}
      {fleet.totals.map(({ currency, sum, appliances }) => (
        <p key={currency}>
          <b className={styles.total}>{sum === null ? 'Not known' : formatMoney(sum, currency)}</b> to date,
          of {formatCount(appliances)} {appliances === 1 ? 'appliance' : 'appliances'}
        </p>
      ))}
      {missing.length === 0 ? null : (
        <p>Not in the total: {missing.map(({ name }) => name).join(', ')}. They are not counted as 0.</p>
      )}
      <p>Amounts of different currencies are not added. Not charged yet: the vendor’s invoice decides.</p>
    </div>
  );
}

/** The amounts of all appliances, and their total. */
export function FleetUsage({ appliances }: { appliances: readonly ApplianceView[] }) {
  const usage = useFleetUsage();
  const rows = new Map(usage.data?.appliances.map((row) => [row.applianceId, row]) ?? []);
  return (
    <>
      <PageHead title="Usage & billing" sub="All appliances, the present month">
        <div className={`${layout.row} ${layout.pageActions}`}>
          <Button small busy={usage.isFetching} onClick={() => void usage.refetch()}>
            Count again
          </Button>
        </div>
      </PageHead>
      {usage.error === null ? null : (
        <ErrorNotice error={toErrorData(usage.error)} onRetry={() => void usage.refetch()} />
      )}
      <Card title="Appliances" label="Appliances" flush>
        <div className={styles.tableFrame} data-testid="table">
          <table className={styles.invoice} aria-label="Usage of all appliances">
            <thead>
              <tr>
                <th scope="col">Appliance</th>
                <th scope="col">Accounts</th>
                <th scope="col">In plain text</th>
                <th scope="col">To date</th>
                <th scope="col">Projected</th>
                <th scope="col">Age</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {appliances.map(({ entry }) => (
                <ApplianceRow
                  key={entry.id}
                  name={entry.name}
                  row={rows.get(entry.id)}
                  isCounting={usage.isFetching}
                />
              ))}
            </tbody>
          </table>
        </div>
        {usage.data === undefined ? null : <Totals fleet={usage.data} />}
      </Card>
    </>
  );
}
