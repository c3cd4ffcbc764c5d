import { formatInstant } from '../../../../../src-shared/base/time.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import { readInputText, readTableFile } from '../../files.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';

/** A mail with the acknowledgement, which itself has about 1 kB. */
const maxBytes = 256 * 1024;

/** Carries the authority's acknowledgement of a statement to the appliance. */
export function acknowledgeUsage(globals: Globals, name: string, file: string): Promise<number> {
  return withConsole(globals, async (services) => {
    const { id: applianceId } = findAppliance(services, name);
    const text = file === '-' ? await readInputText(maxBytes) : readTableFile(file, maxBytes);
    const acknowledgement = await services.usage.acknowledge({ applianceId, text });
    const { number, receivedAt, missing } = acknowledgement;
    globals.output.print({ acknowledgement }, () =>
      [
        `${name} keeps the acknowledgement: the authority received statement ${number} at ${formatInstant(receivedAt)}.`,
        ...(missing.length === 0 ? [] : [`The authority has not received: ${missing.join(', ')}.`]),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}
