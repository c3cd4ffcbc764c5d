import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Invoice } from '../../../../src-shared/model/billing/invoice.ts';
import { formatCount } from '../../../../src-shared/base/formatCount.ts';
import {
  hashSearch,
  matchesRow,
  nameField,
  type FoundAccounts,
} from '../../../../src-shared/model/usage/reportRows.ts';
import type { AccountLine } from '../../../../src-shared/model/usage/usageReport.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { describeState, shortenHash } from './rowColumns.tsx';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from '../usage.module.css';
import text from '../../../ui/text/text.module.css';

/** The lines of the invoice that count an account, each named once; those without a charge too. */
function nameLines(account: AccountLine, invoice: Invoice | null): string {
  const names = (invoice?.lines ?? []).flatMap(({ selection, label }) =>
    selection !== null && matchesRow({ ...selection, connectedSince: null }, account)
      ? [label.replace(/, (?:first|above|included|\d).*$/u, '')]
      : [],
  );
  const [first] = [...new Set(names)];
  return first === undefined ? 'No line of the invoice counts it.' : `Counted in “${first}”.`;
}

function Found({
  result,
  invoice,
  onShow,
}: {
  result: FoundAccounts;
  invoice: Invoice | null;
  onShow: (row: AccountLine) => void;
}) {
  if (result.count === 0)
    return <p>Not in the report. All {formatCount(result.read)} accounts were searched.</p>;
  const more = result.count - result.found.length;
  return (
    <>
      <p>
        <b>In the report.</b> {formatCount(result.count)} of {formatCount(result.read)} accounts.
        {more > 0 ? ` The first ${result.found.length} are listed.` : ''}
      </p>
      <PlainList label="Found accounts">
        {result.found.map(({ account, fields }) => (
          <li key={account.account} className={styles.found}>
            <span>
              <b className={account.internal ? styles.plain : undefined}>
                {account.internal ? 'In plain text' : 'Hashed'}
              </b>
              : {account.connector}, {describeState(account).replace('plain text, ', '')}.{' '}
              {fields.map((field) => (
                <span key={field}>
                  {nameField(field)} is sent as{' '}
                  <span className={text.mono}>
                    {account.internal ? account[field] : shortenHash(account[field] ?? '')}
                  </span>
                  .{' '}
                </span>
              ))}
              {nameLines(account, invoice)}
            </span>
            <button type="button" className={text.linkButton} onClick={() => onShow(account)}>
              Show row
            </button>
          </li>
        ))}
      </PlainList>
    </>
  );
}

/**
 * Searches the report for one account. The text is hashed in the page and is kept nowhere: it is in no address, setting, log
 * or command.
 */
export function AccountSearch({
  applianceId,
  applianceName,
  month,
  invoice,
  onShow,
}: {
  applianceId: string;
  applianceName: string;
  month: string | null;
  invoice: Invoice | null;
  onShow: (row: AccountLine) => void;
}) {
  const { client } = useConsole();
  const [typed, setTyped] = useState('');
  // Not a query: its key, with the hashes, would be kept.
  const search = useMutation({
    mutationFn: (searched: string) => client.usage.find({ applianceId, month, hashes: hashSearch(searched) }),
    gcTime: 0,
    meta: { errorShown: 'in-place' },
  });
  return (
    <search className={styles.search}>
      <form
        className={layout.row}
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== '') search.mutate(typed);
        }}
      >
        <input
          className={`${form.filter} ${styles.searchField}`}
          aria-label="User name, user ID, domain or account ID"
          placeholder="Is anna@example.com in it, and how?"
          value={typed}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            search.reset();
          }}
        />
        <Button submit small busy={search.isPending} disabled={typed.trim() === ''}>
          Search
        </Button>
      </form>
      <output className={styles.answer}>
        {search.data === undefined ? (
          <p className={text.sub}>
            Hashed here. Only the hash is compared, with the report of {applianceName}.
          </p>
        ) : (
          <Found result={search.data} invoice={invoice} onShow={onShow} />
        )}
      </output>
      {search.error === null ? null : <ErrorNotice error={toErrorData(search.error)} />}
    </search>
  );
}
