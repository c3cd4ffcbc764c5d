import { hourMs } from '../../base/time.ts';

const uuid = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';
/** Instants as the kit prints them. */
const instants = /\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z| \d\d:\d\d:\d\d UTC)/gu;

const escape = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

/**
 * An output without what is different on each appliance anyway: its own name with the ID behind it, and times within an
 * hour of the run. Dates such as the end of a licence stay. Pure.
 */
export function comparableOutput(output: string, { name, at }: { name: string; at: string }): string {
  const ownName = new RegExp(`(?<![\\w-])${escape(name)}(?![\\w-])(?:(\\s+)${uuid})?`, 'gu');
  const runMs = Date.parse(at);
  return output
    .replaceAll(ownName, (_match, space: string | undefined) =>
      space === undefined ? '‹name›' : `‹name›${space}‹ID›`,
    )
    .replaceAll(instants, (instant) => {
      const ms = Date.parse(instant.replace(' UTC', 'Z').replace(' ', 'T'));
      return Math.abs(ms - runMs) <= hourMs ? '‹time›' : instant;
    });
}
