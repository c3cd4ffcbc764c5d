import { useEffect } from 'react';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { Pager } from './ChooseAccountsDialog.tsx';
import { useReadAccounts } from './queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './whatIf.module.css';
import text from '../../../ui/text/text.module.css';

/** The accounts that deactivating idle ones would take, as the report has them: hashed. */
export function IdleAccountsDialog({
  applianceId,
  idleDays,
  onClose,
}: {
  applianceId: string;
  idleDays: number;
  onClose: () => void;
}) {
  const { mutate, data, error, isPending } = useReadAccounts(applianceId);
  useEffect(() => {
    mutate({ application: null, idleDays, hasNames: false, skip: 0 });
  }, [mutate, idleDays]);
  const read = (skip: number) => mutate({ application: null, idleDays, hasNames: false, skip });
  return (
    <Dialog opened onClose={onClose} title={`Accounts without a request for ${idleDays} days or more`}>
      <div className={layout.stack}>
        {error === null ? null : <ErrorNotice error={toErrorData(error)} onRetry={() => read(0)} />}
        {data === undefined ? (
          isPending ? (
            <Skeleton lines={6} />
          ) : null
        ) : (
          <>
            <div className={styles.list}>
              <PlainList label="Idle accounts">
                {data.accounts.map(({ hash, line, application }) => (
                  <li key={hash} className={layout.row}>
                    <span className={`${layout.grow} ${text.mono}`}>{hash.slice(0, 16)}…</span>
                    <span className={text.sub}>
                      {line.connector}, {application.name}, last request {line.lastRequest ?? 'never'}
                    </span>
                  </li>
                ))}
              </PlainList>
            </div>
            <Pager
              shown={data.accounts.length}
              skipped={data.skipped}
              total={data.total}
              isBusy={isPending}
              onTurn={read}
            />
          </>
        )}
      </div>
    </Dialog>
  );
}
