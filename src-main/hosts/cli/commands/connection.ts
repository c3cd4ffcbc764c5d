import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { connectModes, connectModeSchema } from '../../../../src-shared/model/appliance/connectModes.ts';
import { withConsole, type Globals } from '../withConsole.ts';
import { chooseAppliances, type ChoiceOptions } from './run/chooseAppliances.ts';

/** Sets when the console connects to appliances, also to those of a group. */
export function setConnection(
  globals: Globals,
  { when, names, options }: { when: string; names: readonly string[]; options: ChoiceOptions },
): Promise<number> {
  const connect = connectModeSchema.parse(when);
  return withConsole(globals, async (services) => {
    const chosen = chooseAppliances(services, names, options, true);
    const changed = chosen.filter((entry) => entry.connect !== connect);
    const ids = changed.map(({ id }) => id);
    if (ids.length > 0) await services.appliances.setConnect(ids, connect);
    globals.output.print(
      { connect, changed: changed.map(({ name }) => name), unchanged: chosen.length - changed.length },
      () =>
        changed.length === 0
          ? `Nothing to change: ${connectModes[connect].label.toLowerCase()} already.`
          : changed.map(({ name }) => `${name}: ${connectModes[connect].label.toLowerCase()}`).join('\n'),
    );
    return exitCodes.done;
  });
}
