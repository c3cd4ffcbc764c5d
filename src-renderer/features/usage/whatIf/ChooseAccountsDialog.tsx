import { useState } from 'react';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import { formatUnits } from '../../../../src-shared/model/billing/selection.ts';
import { maxPlannedAccounts } from '../../../../src-shared/model/usage/accountPlan.ts';
import type { AccountList, ApplicationList } from '../../../../src-shared/model/usage/manageAccounts.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { CheckField } from '../../../ui/form/Fields.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Dialog } from '../../../ui/layout/Dialog.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { accountsPerPage, useApplications, useReadAccounts } from './queries.ts';
import type { ProposedMarks } from './scenario.ts';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './whatIf.module.css';
import text from '../../../ui/text/text.module.css';

type Application = ApplicationList['applications'][number];
type Account = AccountList['accounts'][number];
type Chosen = ReadonlyMap<string, string>;

/** How the operator recognizes an account: its names if they were asked for, or the start of its hash. */
const nameAccount = ({ hash, names }: Account) =>
  visibleLine(names?.userName ?? names?.account ?? `${hash.slice(0, 12)}…`);

/** Chooses an application or single accounts to mark. Names are read here and forgotten when the view closes. */
export function ChooseAccountsDialog({
  applianceId,
  onChoose,
  onClose,
}: {
  applianceId: string;
  onChoose: (marks: ProposedMarks) => void;
  onClose: () => void;
}) {
  const [application, setApplication] = useState<Application | null>(null);
  return (
    <Dialog opened onClose={onClose} title="Accounts to mark as internal" size={640}>
      {application === null ? (
        <Applications applianceId={applianceId} onChoose={onChoose} onOpen={setApplication} />
      ) : (
        <Accounts
          applianceId={applianceId}
          application={application}
          onChoose={onChoose}
          onBack={() => setApplication(null)}
        />
      )}
    </Dialog>
  );
}

function Applications({
  applianceId,
  onChoose,
  onOpen,
}: {
  applianceId: string;
  onChoose: (marks: ProposedMarks) => void;
  onOpen: (application: Application) => void;
}) {
  const listed = useApplications(applianceId);
  return (
    <Loaded query={listed} skeleton={<Skeleton lines={5} />}>
      {({ applications, isComplete }) => (
        <div className={layout.stack}>
          <p className={text.sub}>
            A marked application also marks accounts that join it later. Names are read only for single
            accounts.
          </p>
          <div className={styles.list}>
            <PlainList label="Applications">
              {applications.map((application) => (
                <li key={application.number} className={layout.row}>
                  <span className={layout.grow}>
                    {visibleLine(application.name)}{' '}
                    <span className={text.sub}>
                      {formatUnits(application.accounts, 'account')}
                      {application.isMarked ? ', marked already' : ''}
                    </span>
                  </span>
                  <Button
                    small
                    disabled={application.isMarked}
                    label={`Mark application ${application.name}`}
                    onClick={() =>
                      onChoose({
                        kind: 'application',
                        application: application.number,
                        label: `${formatUnits(application.accounts, 'account')} of application “${visibleLine(application.name)}”.`,
                      })
                    }
                  >
                    Mark all
                  </Button>
                  <Button
                    small
                    disabled={application.isMarked || application.accounts === 0}
                    label={`Show names of ${application.name}`}
                    onClick={() => onOpen(application)}
                  >
                    Show names…
                  </Button>
                </li>
              ))}
            </PlainList>
          </div>
          {isComplete ? null : <p className={text.sub}>Only the {applications.length} largest are listed.</p>}
        </div>
      )}
    </Loaded>
  );
}

function Accounts({
  applianceId,
  application,
  onChoose,
  onBack,
}: {
  applianceId: string;
  application: Application;
  onChoose: (marks: ProposedMarks) => void;
  onBack: () => void;
}) {
  const [chosen, setChosen] = useState<Chosen>(new Map());
  const reading = useReadAccounts(applianceId);
  const read = (skip: number) =>
    reading.mutate({ application: application.number, idleDays: null, hasNames: true, skip });
  const toggle = (account: Account, isOn: boolean) => {
    const next = new Map(chosen);
    if (isOn) next.set(account.hash, nameAccount(account));
    else next.delete(account.hash);
    setChosen(next);
  };
  const accounts = [...chosen].map(([hash, name]) => ({ hash, name }));
  const label = `${formatUnits(accounts.length, 'account')} of application “${visibleLine(application.name)}”.`;
  return (
    <div className={layout.stack}>
      {reading.data === undefined && reading.error === null ? (
        <>
          <p>
            This reads the names of the accounts of “{visibleLine(application.name)}” and records that you
            read them. They are shown here and kept nowhere.
          </p>
          <div>
            <Button busy={reading.isPending} onClick={() => read(0)}>
              Read names
            </Button>
          </div>
        </>
      ) : null}
      {reading.error === null ? null : (
        <ErrorNotice error={toErrorData(reading.error)} onRetry={() => read(0)} />
      )}
      {reading.data === undefined ? null : (
        <AccountPage
          listed={reading.data}
          chosen={chosen}
          isBusy={reading.isPending}
          onToggle={toggle}
          onTurn={read}
        />
      )}
      <div className={form.formActions}>
        <span className={`${text.sub} ${layout.grow}`}>
          {accounts.length > maxPlannedAccounts
            ? `At most ${formatCount(maxPlannedAccounts)} single accounts. Mark the application instead.`
            : ''}
        </span>
        <Button onClick={onBack}>Back</Button>
        <Button
          kind="primary"
          disabled={accounts.length === 0 || accounts.length > maxPlannedAccounts}
          onClick={() => onChoose({ kind: 'accounts', accounts, label })}
        >
          {accounts.length === 0 ? 'Choose accounts' : `Choose ${formatUnits(accounts.length, 'account')}`}
        </Button>
      </div>
    </div>
  );
}

function AccountPage({
  listed,
  chosen,
  isBusy,
  onToggle,
  onTurn,
}: {
  listed: AccountList;
  chosen: Chosen;
  isBusy: boolean;
  onToggle: (account: Account, isOn: boolean) => void;
  onTurn: (skip: number) => void;
}) {
  const { accounts, skipped, total } = listed;
  return (
    <>
      <div className={styles.list}>
        <PlainList label="Accounts">
          {accounts.map((account) => (
            <li key={account.hash}>
              <CheckField
                label={nameAccount(account)}
                description={`${account.line.connector}, ${account.line.active ? 'active' : 'inactive'}${account.markedBy === null ? '' : ', marked already'}`}
                checked={chosen.has(account.hash)}
                disabled={account.markedBy !== null}
                onChange={(isOn) => onToggle(account, isOn)}
              />
            </li>
          ))}
        </PlainList>
      </div>
      <Pager shown={accounts.length} skipped={skipped} total={total} isBusy={isBusy} onTurn={onTurn} />
    </>
  );
}

/** Turns the pages of a list of accounts. */
export function Pager(props: {
  shown: number;
  skipped: number;
  total: number;
  isBusy: boolean;
  onTurn: (skip: number) => void;
}) {
  const { shown, skipped, total, isBusy, onTurn } = props;
  return (
    <div className={layout.row}>
      <span className={`${text.sub} ${layout.grow}`}>
        {total === 0
          ? 'No accounts'
          : `${formatCount(skipped + 1)}–${formatCount(skipped + shown)} of ${formatUnits(total, 'account')}`}
      </span>
      <Button
        small
        disabled={skipped === 0 || isBusy}
        onClick={() => onTurn(Math.max(0, skipped - accountsPerPage))}
      >
        Previous
      </Button>
      <Button small disabled={skipped + shown >= total || isBusy} onClick={() => onTurn(skipped + shown)}>
        Next
      </Button>
    </div>
  );
}
