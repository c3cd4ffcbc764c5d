import { hourMs } from '../../base/time.ts';
import { readCommands } from './readCommands.ts';
import type { RunTask } from './runTask.ts';

const uuid = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';
/** Instants as the kit prints them. */
const instants = /\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z| \d\d:\d\d:\d\d UTC)/gu;

const escape = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

/**
 * An output without what is different on each appliance anyway: its own name with the ID behind it, times within an
 * hour of the run, and what the command says of itself. Dates such as the end of a licence stay. Pure.
 */
export function comparableOutput(
  output: string,
  { name, at, task }: { name: string; at: string; task?: RunTask },
): string {
  const ownName = new RegExp(`(?<![\\w-])${escape(name)}(?![\\w-])(?:(\\s+)${uuid})?`, 'gu');
  const runMs = Date.parse(at);
  const { varies = [] } = task?.kind === 'read' ? readCommands[task.command] : {};
  return varies
    .reduce((text, [pattern, shown]) => text.replaceAll(pattern, shown), output)
    .replaceAll(ownName, (_match, space: string | undefined) =>
      space === undefined ? '‹name›' : `‹name›${space}‹ID›`,
    )
    .replaceAll(instants, (instant) => {
      const ms = Date.parse(instant.replace(' UTC', 'Z').replace(' ', 'T'));
      return Math.abs(ms - runMs) <= hourMs ? '‹time›' : instant;
    });
}
