import { z } from 'zod';
import type { SettingsSchema } from '../../src-shared/base/settingFields.ts';
import type { Store } from './store.ts';

const savedSchema = z.record(z.string(), z.unknown());

/**
 * One group of settings, kept in the data folder. A missing or invalid field has its default, because another
 * version may have saved it. Unknown fields are ignored.
 */
export function createSetting<T extends SettingsSchema>(options: { store: Store; key: string; schema: T }) {
  const { store, key, schema } = options;

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
      return schema.parse(Object.fromEntries(valid));
    },
    set: (value: z.output<T>): void => {
      const valueJson = JSON.stringify(schema.parse(value));
      store.write(() => {
        store.run(store.query.replaceInto('setting').values({ key, valueJson }));
      });
    },
  };
}
