import * as sqlite from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { loadSqlite } from './sqliteDatabase.ts';

const { DatabaseSync, StatementSync } = sqlite;

/** What an older Node has. */
class OlderDatabase {
  close = () => undefined;
}
const OlderStatement = { prototype: { all: () => [] } };

describe('SQLite of Node', () => {
  it('when it has all that is needed, is used', async () => {
    expect(await loadSqlite(async () => sqlite)).toHaveProperty('DatabaseSync', DatabaseSync);
  });

  it.each<[string, Parameters<typeof loadSqlite>[0]]>([
    ['Node has none', () => Promise.reject(new Error('No such built-in module: node:sqlite'))],
    ['rows can’t be read as arrays', async () => ({ DatabaseSync, StatementSync: OlderStatement })],
    ['the state of a transaction is unknown', async () => ({ DatabaseSync: OlderDatabase, StatementSync })],
  ])('when %s, is refused with what is needed', async (_what, load) => {
    await expect(loadSqlite(load)).rejects.toMatchObject({
      code: 'DATABASE_UNUSABLE',
      message: expect.stringMatching(
        /^Node v\d+\.\d+\.\d+ has no suitable SQLite, which needs Node 22\.16, or 24; /u,
      ),
    });
  });
});
