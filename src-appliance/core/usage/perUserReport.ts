import {
  formatAccountLine,
  formatPerUserHead,
  formatPerUserTail,
} from '../../../src-shared/model/usage/usageLines.ts';
import type { SqlReader } from '../accounts/accountsDatabase.ts';
import { createLineReader, lineColumnsSql, lineTablesSql } from './accountLine.ts';
import { reportHead, type UsageContext } from './usageContext.ts';

/**
 * The bytes of the per-user report **[doc: the fields]**, in parts, sorted by account. Personal fields are hashed, but for
 * internal development, whose four fields are plain text **[doc]**. Throws DATABASE_UNUSABLE, also in the middle.
 */
export async function* makePerUserReport(
  context: UsageContext,
  source: { reader: SqlReader; place: string },
): AsyncGenerator<string> {
  const { to } = context.month;
  const readLine = createLineReader({ to, place: source.place });
  const sql = `SELECT ${lineColumnsSql(context.internal)} FROM ${lineTablesSql} WHERE a.connected_at < ? ORDER BY a.id`;
  yield formatPerUserHead({ kind: 'per-user', ...reportHead(context) });
  let [accounts, internal] = [0, 0];
  for await (const batch of source.reader.stream(sql, to)) {
    let text = '';
    for (const row of batch) {
      const account = readLine(row);
      accounts += 1;
      if (account.internal) internal += 1;
      text += formatAccountLine(account);
    }
    yield text;
  }
  yield formatPerUserTail({ accounts, internal });
}
