import { z } from 'zod';
import type { SettingsSchema } from '../../src-shared/base/settingFields.ts';
import type { Store } from './store.ts';

const savedSchema = z.record(z.string(), z.unknown());

/** Values that a policy fixes, by the name of the field. */
export type SettingLocks = {
  values: Readonly<Record<string, unknown>>;
  /** Throws POLICY_FORBIDS if `next` has another value in a locked field. */
  assertKept: (next: Readonly<Record<string, unknown>>) => void;
};

/**
 * One group of settings, kept in the data folder. A missing or invalid field has its default, because another
 * version may have saved it. Unknown fields are ignored. A locked
 * field has the value of its lock, and keeps what was saved for the time after the lock.
 */
export function createSetting<T extends SettingsSchema>(options: {
  store: Store;
  key: string;
  schema: T;
  locks: SettingLocks;
}) {
  const { store, key, schema, locks } = options;

  function readSaved(): Record<string, unknown> {
    const row = store.first(store.query.selectFrom('setting').select('valueJson').where('key', '=', key));
    return row === undefined ? {} : (savedSchema.safeParse(JSON.parse(row.valueJson)).data ?? {});
  }

  return {
    get: (): z.output<T> => {
      const saved = readSaved();
      const valid = Object.entries(schema.shape).flatMap(([name, field]) =>
        field.safeParse(saved[name]).success ? [[name, saved[name]]] : [],
      );
      return schema.parse({ ...Object.fromEntries(valid), ...locks.values });
    },
    set: (value: z.output<T>): void => {
      const next: Record<string, unknown> = schema.parse(value);
      locks.assertKept(next);
      store.write(() => {
        const saved = readSaved();
        const kept = Object.keys(locks.values).map((name) => [name, saved[name]]);
        const valueJson = JSON.stringify({ ...next, ...Object.fromEntries(kept) });
        store.run(store.query.replaceInto('setting').values({ key, valueJson }));
      });
    },
  };
}
