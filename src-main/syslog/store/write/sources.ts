import type Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../../../src-shared/errors.ts';

/**
 * What the follower knows of a file generation. The store keeps all of it, but reads only this: its lasting ID, the byte
 * with which reading began, the byte after what is kept, where it stands among the sources of its appliance, and whether
 * nothing more will come.
 */
export const sourceFactsSchema = z.looseObject({
  id: z.string().min(1).max(100),
  start: z.int().nonnegative(),
  offset: z.int().nonnegative(),
  order: z.number(),
  isComplete: z.boolean(),
});
export type SourceFacts = z.infer<typeof sourceFactsSchema>;

/** A source as the store has it. */
export type KeptSource = {
  source: number;
  facts: SourceFacts;
  /** The number of the next line. */
  line: number;
  /** Lines before this one were removed because the store keeps no more. */
  firstKeptLine: number;
};

type Row = { id: number; facts: string; off: number; line: number; pruned_line: number };

/** The known files of appliances. */
export function createSources(sqlite: Database.Database) {
  const add = sqlite
    .prepare<[string, string, string, number, number], number>(
      'INSERT INTO source (appliance, name, facts, rank, off) VALUES (?, ?, ?, ?, ?) RETURNING id',
    )
    .pluck();
  const byName = sqlite
    .prepare<[string, string], number>('SELECT id FROM source WHERE appliance = ? AND name = ?')
    .pluck();
  const byAppliance = sqlite.prepare<[string], Row>(
    'SELECT * FROM source WHERE appliance = ? ORDER BY rank, id',
  );
  const setFacts = sqlite.prepare('UPDATE source SET facts = ? WHERE id = ?');

  return {
    /** All sources of an appliance, in order. */
    list: (applianceId: string): KeptSource[] =>
      byAppliance.all(applianceId).map(({ id, facts, off, line, pruned_line: firstKeptLine }) => ({
        source: id,
        facts: { ...sourceFactsSchema.parse(JSON.parse(facts)), offset: off },
        line,
        firstKeptLine,
      })),
    find: (applianceId: string, name: string): number | null => byName.get(applianceId, name) ?? null,
    /** Adds a source from which nothing is kept. */
    add: (applianceId: string, facts: SourceFacts): number => {
      const id = add.get(applianceId, facts.id, JSON.stringify(facts), facts.order, facts.start);
      if (id === undefined) throw new AppError('INTERNAL', 'SQLite returned no new source.');
      return id;
    },
    setFacts: (source: number, facts: SourceFacts): void => {
      setFacts.run(JSON.stringify(facts), source);
    },
  };
}
