import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { toneColours } from '../../../../src-shared/model/tunnels/tone.ts';
import type { Services } from '../../../services.ts';
import { policyPaths, readPolicy } from '../../../policy/policyFile.ts';
import { dataFolder } from '../../../base/dataFolder.ts';
import { checkAppliance } from '../doctor/applianceChecks.ts';
import type { Check } from '../doctor/check.ts';
import { checkComputer, checkDataFolder } from '../doctor/computerChecks.ts';
import { formatValue, formatTable, type Paint } from '../output.ts';
import { findAppliance, withConsole, type Globals } from '../withConsole.ts';

const colourOf = ({ state }: Check) => toneColours[state === 'not checked' ? 'unknown' : state];

function doctorText(checks: readonly Check[], name: string | undefined, paint: Paint): string {
  const rows = checks.map((check) => [
    check.about === 'appliance' ? name : check.about,
    check.name,
    { text: check.state, colour: colourOf(check) },
    check.evidence,
  ]);
  const advice = checks.flatMap((check) =>
    check.advice === null ? [] : [`${check.name} is ${check.state}: ${formatValue(check.advice)}`],
  );
  return [
    formatTable(['ABOUT', 'CHECK', 'STATE', 'EVIDENCE'], rows, paint),
    ...(advice.length === 0 ? [] : ['', ...advice]),
  ].join('\n');
}

/**
 * Runs all checks and prints their results. Exit code: 1 if a check failed, else 0. Throws NOT_FOUND for an
 * unknown appliance.
 */
export async function runDoctor(globals: Globals, name: string | undefined): Promise<number> {
  const folder = dataFolder(globals.data);
  const before = await checkDataFolder(folder);
  const check = async (services: Services): Promise<Check[]> => {
    const entry: ApplianceEntry | null = name === undefined ? null : findAppliance(services, name);
    const computer = await checkComputer({
      folder,
      dataFolder: before,
      services,
      failure: null,
      policy: services.policy.get(),
      now: Date.now(),
    });
    return [...computer, ...(entry === null ? [] : await checkAppliance(services, entry))];
  };
  let isOpen = false;
  const checks = await withConsole(globals, (services) => {
    isOpen = true;
    return check(services);
  }).catch((failure: unknown) => {
    if (isOpen) throw failure;
    const now = Date.now();
    const policy = readPolicy(policyPaths(), now);
    return checkComputer({ folder, dataFolder: before, services: null, failure, policy, now });
  });
  globals.output.print(checks, (paint) => doctorText(checks, name, paint));
  return checks.some((check) => check.state === 'bad') ? exitCodes.failed : exitCodes.done;
}
