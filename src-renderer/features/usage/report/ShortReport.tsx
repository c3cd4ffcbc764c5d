import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { pingFields, standardFields } from '../../../../src-shared/model/usage/fieldTexts.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { standardReportSchema } from '../../../../src-shared/model/usage/usageReport.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { onRequest } from '../queries.ts';
import { FieldTable } from './FieldsDialog.tsx';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

const valuesSchema = z.record(z.string(), z.unknown());

function ConnectorCounts({ content }: { content: string }) {
  const report = standardReportSchema.safeParse(JSON.parse(content));
  if (!report.success) return null;
  return (
    <div className={styles.tableFrame} data-testid="table">
      <table className={styles.fields} aria-label="Accounts by connector in the report">
        <thead>
          <tr>
            <th scope="col">Connector</th>
            <th scope="col">Admin, active</th>
            <th scope="col">Admin, all</th>
            <th scope="col">Others, active</th>
            <th scope="col">Others, all</th>
          </tr>
        </thead>
        <tbody>
          {report.data.connectors.map(({ connector, admin, nonAdmin }) => (
            <tr key={connector}>
              <th scope="row">{connector}</th>
              <td>{formatCount(admin.active)}</td>
              <td>{formatCount(admin.total)}</td>
              <td>{formatCount(nonAdmin.active)}</td>
              <td>{formatCount(nonAdmin.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A standard report or a ping: each field with its value and meaning, and the exact bytes. */
export function ShortReport({
  applianceId,
  month,
  kind,
}: {
  applianceId: string;
  month: string | null;
  kind: 'standard' | 'ping';
}) {
  const { queries } = useConsole();
  const report = useQuery(
    queries.usage.shortReport.queryOptions({
      input: { applianceId, month, kind },
      select: (answer) => answer.text,
      ...onRequest,
    }),
  );
  return (
    <div className={`${layout.stack} ${styles.shortReport}`}>
      <Loaded query={report} skeleton={<Skeleton lines={6} />}>
        {(content) => {
          const { connectors, ...values } = valuesSchema.parse(JSON.parse(content));
          return (
            <>
              <FieldTable
                label="Fields of the report"
                fields={kind === 'standard' ? standardFields : pingFields}
                values={connectors === undefined ? values : { ...values, connectors: 'see below' }}
              />
              {kind === 'standard' ? <ConnectorCounts content={content} /> : null}
              <div>
                <h3 className={styles.partTitle}>Exact bytes</h3>
                <code className={text.command}>{content}</code>
              </div>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
