import { z } from 'zod';
import type { BillingPlan } from '../../src-shared/model/billing/billingPlan.ts';

/*
 * A second computation of an invoice in plain SQL, straight from the rows of the account database in PostgreSQL. It shares no
 * code with the program: it counts with joins and window functions, and has its own arithmetic and rounding.
 */

/** `exact / whole` as a whole number. */
const roundingSql = `
CREATE FUNCTION to_whole(exact numeric, whole numeric, rule text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT below + CASE
    WHEN rest = 0 OR rule = 'down' THEN 0
    WHEN rule = 'up' OR 2 * rest > whole THEN 1
    WHEN 2 * rest = whole AND (rule = 'half-up' OR mod(below, 2) = 1) THEN 1
    ELSE 0 END
  FROM (SELECT div(exact, whole) AS below, mod(exact, whole) AS rest) AS parts
$$`;

/** The rounding, and wrong ones that tests must notice. */
export const sqlRoundings = {
  right: roundingSql,
  'rounds a half down': roundingSql.replace("rule = 'half-up' OR ", ''),
  'always rounds down': roundingSql.replace('rest = 0 OR', 'true OR'),
} as const;

const spaces = String.raw`E' \t\n\u00a0'`;
/** Connectors may spell the name of a person differently. */
const spelling = (column: string) =>
  `lower(btrim(normalize(coalesce(${column}, '')), ${spaces}) COLLATE "und-x-icu")`;

/** Which accounts `counted`, JSON of a plan's line, counts, whatever their role and their internal development. */
const covered = `(counted->>'activity' = 'total' OR p.active)
    AND (jsonb_typeof(counted->'connectors') = 'null' OR counted->'connectors' ? p.connector)`;
const hasRole = (isAdmin: string) =>
  `(counted->>'role' = 'all' OR (counted->>'role' = 'admin') = ${isAdmin})`;

const invoiceSql = `
WITH input AS (
  SELECT plan, first_day, first_day + interval '1 month' AS next_month, digits, step, unit,
    plan->'rounding'->>'rule' AS rule, plan->'rounding'->>'each' = 'line' AS rounds_lines
  FROM (SELECT $1::text::jsonb AS plan, ($2::text || '-01')::timestamp AS first_day) AS given
  JOIN (VALUES ('EUR', 2, 0.01, 100), ('JPY', 0, 1, 1), ('KWD', 3, 0.001, 1000), ('CLF', 4, 0.0001, 10000))
    AS currency (code, digits, step, unit) ON code = plan->>'currency'
), span AS (
  SELECT count(*)::numeric AS whole,
    (count(*) FILTER (WHERE (plan->>'from' IS NULL OR day >= (plan->>'from')::timestamp)
      AND (plan->>'to' IS NULL OR day <= (plan->>'to')::timestamp)))::numeric AS charged
  FROM input, generate_series(first_day, next_month - interval '1 day', interval '1 day') AS days (day)
), people AS (
  SELECT c.name AS connector, a.is_admin = 1 AS admin,
    a.deactivated_at IS NULL OR a.deactivated_at >= extract(epoch FROM next_month) * 1000 AS active,
    CASE $3::text WHEN 'none' THEN false WHEN 'all' THEN true ELSE a.is_internal + o.is_internal > 0 END AS internal,
    CASE WHEN ${spelling('a.user_name')} = '' THEN jsonb_build_array(a.id)
      ELSE jsonb_build_array(${spelling('a.user_name')}, ${spelling('a.user_domain')}) END AS person
  FROM input, account a, application o, connector c
  WHERE o.id = a.application_id AND c.id = a.connector_id AND a.connected_at < extract(epoch FROM next_month) * 1000
), lines AS (
  SELECT at, line, line->'counted' AS counted
  FROM input, jsonb_array_elements(plan->'lines') WITH ORDINALITY AS each (line, at)
), groups AS (
  SELECT at, line, counted, NULL::text COLLATE "C" AS own
  FROM lines WHERE coalesce(counted->>'perConnector', 'false') = 'false'
  UNION ALL
  SELECT at, line, counted, named.value
  FROM lines, jsonb_array_elements_text(CASE jsonb_typeof(counted->'connectors') WHEN 'array' THEN counted->'connectors' ELSE '[]' END) AS named
  WHERE counted->>'perConnector' = 'true'
  UNION ALL
  SELECT DISTINCT at, line, counted, connector
  FROM lines, people WHERE counted->>'perConnector' = 'true' AND jsonb_typeof(counted->'connectors') = 'null'
), matches AS (
  SELECT g.at, g.own, g.counted, p.connector, p.admin, p.person,
    bool_or(p.admin) OVER (PARTITION BY g.at, g.own, p.person) AS is_admin_person
  FROM groups g JOIN people p ON ${covered} AND (g.own IS NULL OR g.own = p.connector)
    AND (counted->>'internal' = 'counted' OR NOT p.internal)
), tally AS (
  SELECT at, own,
    count(*) FILTER (WHERE ${hasRole('admin')}) AS account,
    count(DISTINCT person) FILTER (WHERE ${hasRole('is_admin_person')}) AS end_user,
    count(DISTINCT connector) FILTER (WHERE ${hasRole('admin')}) AS connector
  FROM matches GROUP BY at, own
), counts AS (
  SELECT at, own, line, units, least(units, (counted->>'included')::bigint) AS free,
    units - least(units, (counted->>'included')::bigint) AS paid,
    CASE WHEN other <> units AND (own IS NOT NULL OR jsonb_typeof(counted->'connectors') = 'null' OR jsonb_array_length(counted->'connectors') = 1)
      THEN other END AS other
  FROM (
    SELECT g.*,
      coalesce(CASE counted->>'unit' WHEN 'account' THEN account WHEN 'endUser' THEN end_user ELSE connector END, 0) AS units,
      CASE counted->>'unit' WHEN 'account' THEN coalesce(end_user, 0) WHEN 'endUser' THEN coalesce(account, 0) END AS other
    FROM groups g LEFT JOIN tally t ON t.at = g.at AND t.own IS NOT DISTINCT FROM g.own
  ) AS counted_groups
), tiers AS (
  SELECT at, own, line->>'kind' AS kind, paid, other, nth, (tier->>'unitPrice')::numeric AS price,
    coalesce((tier->>'upTo')::numeric, 'Infinity') AS last,
    coalesce(lag((tier->>'upTo')::numeric) OVER (PARTITION BY at, own ORDER BY nth), 0) AS before
  FROM counts, jsonb_array_elements(line->'tiers') WITH ORDINALITY AS each (tier, nth)
), charges AS (
  SELECT at, own, 0 AS part, '/included' AS suffix, free::numeric AS quantity, 0::numeric AS price, other FROM counts WHERE free > 0
  UNION ALL SELECT at, own, 1, '', 1, (line->>'amount')::numeric, NULL FROM counts WHERE line->>'kind' = 'flat'
  UNION ALL SELECT at, own, 1, '', paid, (line->>'unitPrice')::numeric, other FROM counts WHERE line->>'kind' = 'perUnit'
  UNION ALL SELECT at, own, 1, '', ceil(paid / (line->>'size')::numeric), (line->>'packagePrice')::numeric, other
    FROM counts WHERE line->>'kind' = 'package'
  UNION ALL SELECT at, own, 1, '', paid, price, other FROM tiers WHERE kind = 'volume'
    AND paid <= last AND (paid > before OR nth = 1)
  UNION ALL SELECT at, own, nth::int, '/tier-' || nth, greatest(least(paid, last) - before, 0), price, other FROM tiers
    WHERE kind = 'graduated' AND (paid > before OR nth = 1)
), priced AS (
  SELECT at, own, part, line->>'id' || coalesce('/' || own, '') || suffix AS key, quantity, other,
    CASE WHEN rounds_lines THEN to_whole(exact, whole, rule) * whole ELSE exact END AS settled
  FROM input, span, (
    SELECT c.*, line, quantity * price * unit * CASE line->>'proration' WHEN 'days' THEN charged ELSE whole END AS exact
    FROM input, span, charges c JOIN lines USING (at)
  ) AS exact_charges
), line_minimums AS (
  SELECT at, own, 1000 AS part, line->>'id' || coalesce('/' || own, '') || '/minimum' AS key, 1::numeric AS quantity,
    NULL::bigint AS other, least_amount - sum(settled) AS settled
  FROM (
    SELECT p.*, line, CASE WHEN rounds_lines THEN to_whole(exact, whole, rule) * whole ELSE exact END AS least_amount
    FROM input, span, priced p JOIN (
      SELECT at AS line_at, line, (line->>'minimum')::numeric * unit * CASE line->>'proration' WHEN 'days' THEN charged ELSE whole END AS exact
      FROM input, span, lines WHERE line->>'minimum' IS NOT NULL
    ) AS minimums ON line_at = p.at
  ) AS with_minimum
  GROUP BY at, own, line, least_amount HAVING least_amount > sum(settled)
), charged_lines AS (
  SELECT * FROM priced UNION ALL SELECT * FROM line_minimums
), month_minimum AS (
  SELECT 1000000 AS at, NULL AS own, 0 AS part, 'minimum' AS key, 1::numeric AS quantity, NULL::bigint AS other,
    least_amount - coalesce(sum(settled), 0) AS settled
  FROM (
    SELECT CASE WHEN rounds_lines THEN to_whole(exact, whole, rule) * whole ELSE exact END AS least_amount
    FROM (
      SELECT rounds_lines, rule, whole, (plan->'minimum'->>'amount')::numeric * unit
        * CASE plan->'minimum'->>'proration' WHEN 'days' THEN charged ELSE whole END AS exact
      FROM input, span WHERE plan->'minimum'->>'amount' IS NOT NULL
    ) AS exact_minimum
  ) AS minimum LEFT JOIN charged_lines ON true
  GROUP BY least_amount HAVING least_amount > coalesce(sum(settled), 0)
), rows AS (
  SELECT r.*, to_whole(settled, whole, rule) AS amount
  FROM input, span, (SELECT * FROM charged_lines UNION ALL SELECT * FROM month_minimum) AS r
), sums AS (
  SELECT to_whole(coalesce(sum(settled), 0), whole, rule) AS total, coalesce(sum(amount), 0) AS shown, step
  FROM input JOIN span ON true LEFT JOIN rows ON true GROUP BY whole, rule, step
), uncharged AS (
  SELECT CASE WHEN lines > 0 THEN 'waived' WHEN active THEN 'active' ELSE 'inactive' END AS why, count(*) AS accounts
  FROM (
    SELECT p.active, p.internal, count(counted) AS lines, coalesce(bool_or(counted->>'internal' = 'waived'), false) AS is_waived
    FROM (SELECT row_number() OVER () AS nth, * FROM people) AS p
    LEFT JOIN lines ON counted->>'unit' <> 'connector' AND ${covered} AND ${hasRole('p.admin')}
    GROUP BY p.nth, p.active, p.internal
  ) AS each_account
  WHERE lines = 0 OR (internal AND is_waived) GROUP BY 1
)
SELECT
  (SELECT coalesce(json_agg(json_build_object('key', key, 'quantity', quantity, 'amount', (amount * step)::text, 'other', other)
    ORDER BY at, own COLLATE "C" NULLS FIRST, part), '[]') FROM rows, input) AS rows,
  (SELECT (total * step)::text FROM sums) AS total,
  (SELECT ((total - shown) * step)::text FROM sums) AS difference,
  (SELECT coalesce(json_object_agg(why, accounts), '{}') FROM uncharged) AS uncharged,
  (SELECT count(*)::int FROM people WHERE internal) AS internal`;

const invoiceSchema = z.tuple([
  z.object({
    rows: z.array(
      z.object({ key: z.string(), quantity: z.number(), amount: z.string(), other: z.number().nullable() }),
    ),
    total: z.string(),
    difference: z.string(),
    uncharged: z.record(z.string(), z.number()),
    internal: z.number(),
  }),
]);

type Query = (sql: string, values?: string[]) => Promise<unknown>;

/** Prepares the database for `computeInSql`. */
export async function setSqlRounding(query: Query, rounding: keyof typeof sqlRoundings): Promise<void> {
  await query('DROP FUNCTION IF EXISTS to_whole');
  await query(sqlRoundings[rounding]);
}

/** The invoice of a month such as `2026-11` that the accounts in PostgreSQL lead to. */
export async function computeInSql(
  query: Query,
  { plan, month, internal }: { plan: BillingPlan; month: string; internal: string },
) {
  const [invoice] = invoiceSchema.parse(await query(invoiceSql, [JSON.stringify(plan), month, internal]));
  return invoice;
}
