import { AppError } from '../../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import { visibleText } from '../../../../../src-shared/base/machineText.ts';
import { formatInstant } from '../../../../../src-shared/base/time.ts';
import { formatRun } from '../../../../../src-shared/model/fanOut/fleetRun.ts';
import { describeRunState, describeTask } from '../../../../../src-shared/model/fanOut/resultText.ts';
import { applianceStates, applianceStateSchema } from '../../../../../src-shared/model/fanOut/runStates.ts';
import { exportRun as exportResults, type RunExportFormat } from '../../../../fanOut/exportRun.ts';
import { writeNewFile } from '../../files.ts';
import { formatTable } from '../../output.ts';
import { withConsole, type Globals } from '../../withConsole.ts';
import { formatDiff } from './runText.ts';
import { printRun, readRun } from './startRun.ts';

/** Lists the runs that are kept, newest first. */
export function listRuns(globals: Globals): Promise<number> {
  return withConsole(globals, ({ fanOut }) => {
    const runs = fanOut.list().map((run) => ({ run: formatRun(run.number), ...run }));
    globals.output.print(runs, () => {
      if (runs.length === 0) return 'No runs yet. Start one: sallyport run read status';
      return formatTable(
        ['RUN', 'STARTED', 'WHAT', 'STATE', 'APPLIANCES', 'BY', 'REASON'],
        runs.map((run) => [
          run.run,
          formatInstant(run.startedAt),
          describeTask(run.task),
          describeRunState(run),
          applianceStateSchema.options
            .flatMap((state) => {
              const count = run.counts[state] ?? 0;
              return count === 0 ? [] : [`${count} ${applianceStates[state].word}`];
            })
            .join(', '),
          run.operator,
          run.reason,
        ]),
      );
    });
    return exitCodes.done;
  });
}

/** Prints the results of a run, or the output of one appliance with its differences from that of most. */
export function showRun(globals: Globals, name: string, appliance: string | null): Promise<number> {
  const number = readRun(name);
  return withConsole(globals, (services) => {
    if (appliance === null) {
      printRun(globals, services, number);
      return exitCodes.done;
    }
    const { fanOut } = services;
    const result = fanOut.view(number).results.find((one) => one.name === appliance);
    if (result === undefined)
      throw new AppError('NOT_FOUND', `${JSON.stringify(appliance)} is not part of ${formatRun(number)}.`);
    const { output, compared, most } = fanOut.output({ number, applianceId: result.applianceId });
    globals.output.print({ ...result, output, most }, () => {
      if (output === null) return `${appliance} has no output.`;
      const isEqual = compared === null || most === null || compared === most;
      return isEqual ? visibleText(output) : formatDiff(most, compared);
    });
    return exitCodes.done;
  });
}

/** Writes the results of a run with their outputs to a new file. */
export function exportRun(
  globals: Globals,
  name: string,
  { format, out }: { format: RunExportFormat; out: string },
): Promise<number> {
  const number = readRun(name);
  return withConsole(globals, ({ fanOut }) => {
    writeNewFile(out, exportResults(fanOut.view(number), fanOut.results(number), format).text);
    globals.output.print({ run: formatRun(number), file: out }, () => `Written: ${out}`);
    return exitCodes.done;
  });
}
