import { join } from 'node:path';
import { AppError, exitCodeOf, toErrorData } from '../../../../../src-shared/errors.ts';
import type { ErrorData } from '../../../../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../../../../src-shared/model/appliance/applianceEntry.ts';
import { fileNameOf } from '../../../../../src-shared/base/fileNameOf.ts';
import { createSlots } from '../../../../../src-shared/base/slots.ts';
import type { Services } from '../../../../services.ts';
import { assertWritableFolder, writeNewFile } from '../../files.ts';
import { formatTable } from '../../output.ts';
import { describeProblem, withConsole, type Globals } from '../../withConsole.ts';
import { findAppliances } from './showLicences.ts';

/** How many appliances are asked at once. */
const maxAtOnce = 8;

type Result = {
  name: string;
  file: string | null;
  tripFile: string | null;
  request: string | null;
  error: ErrorData | null;
};

async function requestOne(
  services: Services,
  entry: ApplianceEntry,
  options: { out?: string; trip: boolean },
): Promise<Result> {
  const { trip, name } = await services.licences.openTrip({ applianceId: entry.id });
  const { out } = options;
  if (out === undefined)
    return { name: entry.name, file: null, tripFile: null, request: trip.request, error: null };
  const file = join(out, fileNameOf(name, 'request.jws'));
  writeNewFile(file, `${trip.request}\n`);
  let tripFile: string | null = null;
  if (options.trip) {
    const { fileName, text } = await services.licences.exportTrip(trip.id);
    tripFile = join(out, fileName);
    writeNewFile(tripFile, text);
  }
  return { name: entry.name, file, tripFile, request: trip.request, error: null };
}

/**
 * Makes a request on each appliance. An appliance that fails does not keep the others from theirs. Returns the worst
 * exit code.
 */
export function requestLicences(
  globals: Globals,
  names: readonly string[],
  options: { out?: string; trip: boolean },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { output } = globals;
    if (options.out === undefined && names.length > 1)
      throw new AppError('INVALID_INPUT', 'Add --out FOLDER for the requests of several appliances.');
    if (options.out === undefined && options.trip)
      throw new AppError('INVALID_INPUT', 'Add --out FOLDER for the trip file.');
    if (options.out !== undefined) assertWritableFolder(options.out);
    const slots = createSlots(maxAtOnce);
    const codes: number[] = [0];
    const results = await Promise.all(
      findAppliances(services, names).map(async (entry): Promise<Result> => {
        const release = await slots.acquire();
        try {
          return await requestOne(services, entry, options);
        } catch (thrown) {
          const error = toErrorData(thrown);
          codes.push(exitCodeOf(error.code));
          const { code, message, detail } = error;
          output.printError(describeProblem(services, entry, new AppError(code, message, { detail })));
          return { name: entry.name, file: null, tripFile: null, request: null, error };
        } finally {
          release();
        }
      }),
    );
    output.print(results, () => {
      const [only] = results;
      if (options.out === undefined) return only?.request ?? '';
      return formatTable(
        ['NAME', 'REQUEST'],
        results.map(({ name, file, error }) => [name, file ?? error?.code]),
      );
    });
    return Math.max(...codes);
  });
}
