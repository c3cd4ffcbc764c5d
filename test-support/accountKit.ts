import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { AccountsDatabase } from '../src-appliance/core/accounts/accountsDatabase.ts';
import { clockPath } from '../src-appliance/core/licence/moment.ts';
import { initAccounts } from '../src-appliance/core/accounts/initAccounts.ts';
import { withAccounts } from '../src-appliance/core/accounts/openAccounts.ts';
import { openSecret } from '../src-appliance/core/secrets/sealedSecret.ts';
import { createSecretKeys, loadPrivateKey, loadPublicKey } from '../src-appliance/core/secrets/secretKeys.ts';
import { fillAccounts } from '../src-appliance/lab/accounts/fillAccounts.ts';
import { dayMs } from '../src-shared/base/time.ts';
import type { LicencePayload } from '../src-shared/model/licence/licence.ts';
import { startLicenceKit } from './licenceKit.ts';

/** When the tests of reports happen. */
export const accountsNow = Date.UTC(2026, 10, 20, 9, 31);

const daysFrom = (time: number, days: number) => new Date(time + days * dayMs).toISOString();

/** An appliance with an account database. `configuration` names PostgreSQL, or null for SQLite. */
export async function startAccountKit(options: { configuration?: string | null } = {}) {
  let now = accountsNow;
  let sequence = 0;
  const kit = await startLicenceKit({ now: () => now });
  const { appliance, config } = kit;
  if (options.configuration != null) {
    await mkdir(dirname(config.configuration), { recursive: true });
    await writeFile(config.configuration, options.configuration, { mode: 0o600 });
  }
  await createSecretKeys(config.stateFolder);
  const use = <Result>(work: (database: AccountsDatabase) => Promise<Result>) =>
    withAccounts(appliance, { isCreated: false }, work);
  const report = (kind: string, ...options: string[]) =>
    kit.ke(['ke_usage_report', '--kind', kind, ...options]);
  return {
    ...kit,
    use,
    report,
    /** Sets the clock, while the uptime goes on as before. */
    setNow: (time: number) => {
      now = time;
    },
    /** Lets time pass as over a restart, after which the uptime tells nothing about the time before. */
    passTime: async (time: number) => {
      const path = clockPath(config.stateFolder);
      const mark = await readFile(path, 'utf8').catch(() => null);
      if (mark !== null) await writeFile(path, JSON.stringify({ ...JSON.parse(mark), setAt: undefined }));
      now = time;
    },
    init: () => initAccounts(appliance),
    fill: (accounts: number, seed = 'kiln') =>
      use((database) =>
        fillAccounts(database, { seed, accounts, now, publicKey: loadPublicKey(config.stateFolder) }),
      ),
    sql: (sql: string, ...values: (string | number | null)[]) =>
      use((database) => database.write((writer) => writer.run(sql, ...values))),
    /** The stored tokens, first account first, and how to decrypt them. */
    tokens: () =>
      use((database) =>
        database.read(async (reader) => {
          const rows = await reader.all(
            z.object({ wrapped: z.string(), token: z.string() }),
            'SELECT k.wrapped, a.token FROM account a JOIN data_key k ON k.id = a.data_key_id ORDER BY a.id',
          );
          const privateKey = loadPrivateKey(config.stateFolder);
          return rows.map(({ wrapped: wrappedKey, token }) => {
            const [iv = '', data = ''] = token.split('.');
            return { stored: token, open: () => openSecret({ wrappedKey, iv, data }, privateKey) };
          });
        }),
      ),
    /** Installs a licence with these entitlements and price plans. */
    license: async (
      entitlements: Partial<LicencePayload['entitlements']>,
      plans?: LicencePayload['plans'],
    ) => {
      const given = { accounts: null, connectors: ['smb'], plan: 'standard', internalDevelopment: false };
      sequence += 1;
      const done = await kit.renew({
        sequence,
        issuedAt: daysFrom(now, 0),
        notBefore: daysFrom(now, -1),
        expiresAt: daysFrom(now, 365),
        entitlements: { ...given, ...entitlements },
        ...(plans === undefined ? {} : { plans }),
      });
      if (done.exitCode !== 0) throw new Error(done.stderr);
    },
  };
}
export type AccountKit = Awaited<ReturnType<typeof startAccountKit>>;
