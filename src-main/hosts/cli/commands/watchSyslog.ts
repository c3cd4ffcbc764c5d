import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import type { WatchRule } from '../../../../src-shared/model/syslog/watch/watchRule.ts';
import { formatTable, formatValue } from '../output.ts';
import { withConsole, type Globals } from '../withConsole.ts';
import { chooseAppliances } from './keptLines.ts';

export type AddedRule = {
  name: string;
  query: string;
  threshold: number;
  within: number;
  quiet: number;
  groupBy: WatchRule['groupBy'];
  appliance: string[];
};

export function addWatchRule(globals: Globals, request: AddedRule): Promise<number> {
  return withConsole(globals, async (services) => {
    const { name, query, threshold, within, quiet, groupBy, appliance } = request;
    const rule = await services.logWatch.add({
      name,
      query,
      threshold,
      windowSeconds: within,
      quietSeconds: quiet,
      groupBy,
      applianceIds: appliance.length === 0 ? null : chooseAppliances(services, appliance).map(({ id }) => id),
      isEnabled: true,
    });
    globals.output.print(rule, () => `${name}: watches new lines while the console runs.`);
    return exitCodes.done;
  });
}

export function listWatchRules(globals: Globals): Promise<number> {
  return withConsole(globals, ({ logWatch }) => {
    const rules = logWatch.rules();
    globals.output.print(rules, () =>
      rules.length === 0
        ? 'No rules yet. Add one: sallyport syslog watch add NAME QUERY'
        : formatTable(
            ['Name', 'State', 'Query', 'Lines', 'Within s', 'Quiet s', 'By'],
            rules.map((rule) => [
              rule.name,
              rule.isEnabled ? 'on' : 'off',
              rule.query,
              rule.threshold,
              rule.windowSeconds,
              rule.quietSeconds,
              rule.groupBy,
            ]),
          ),
    );
    return exitCodes.done;
  });
}

export function switchWatchRule(globals: Globals, name: string, isEnabled: boolean): Promise<number> {
  return withConsole(globals, async ({ logWatch }) => {
    await logWatch.setEnabled(name, isEnabled);
    globals.output.print(
      { name, isEnabled },
      () =>
        `${formatValue(name)} ${isEnabled ? 'raises notifications.' : 'raises nothing until it is switched on.'}`,
    );
    return exitCodes.done;
  });
}

export function removeWatchRule(globals: Globals, name: string): Promise<number> {
  return withConsole(globals, async ({ logWatch }) => {
    await logWatch.remove(name);
    globals.output.print({ removed: name }, () => `${formatValue(name)} was removed.`);
    return exitCodes.done;
  });
}
