import type { z } from 'zod';
import type { Store } from './store.ts';

/** One setting of the console, kept in the data folder. What can't be read any more counts as never set. */
export function createSetting<T extends z.ZodType>(options: {
  store: Store;
  key: string;
  schema: T;
  initial: z.output<T>;
}): { get: () => z.output<T>; set: (value: z.output<T>) => void } {
  const { store, key, schema, initial } = options;
  return {
    get: () => {
      const row = store.first(store.query.selectFrom('setting').select('value_json').where('key', '=', key));
      if (row === undefined) return initial;
      const parsed = schema.safeParse(JSON.parse(row.value_json));
      return parsed.success ? parsed.data : initial;
    },
    set: (value) => {
      const value_json = JSON.stringify(schema.parse(value));
      store.write(() => {
        store.run(
          store.query
            .insertInto('setting')
            .values({ key, value_json })
            .onConflict((conflict) => conflict.column('key').doUpdateSet({ value_json })),
        );
      });
    },
  };
}
