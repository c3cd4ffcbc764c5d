import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { toErrorData, type ErrorData } from '../../../../src-shared/errors.ts';
import type { LinkState } from '../../../../src-shared/model/appliance/link.ts';
import { followFleet } from '../../../syslog/followFleet.ts';
import type { FollowState } from '../../../syslog/follow/followState.ts';
import { formatValue } from '../output.ts';
import { stopSignal } from '../stopSignal.ts';
import { noAppliancesText, withConsole, type Globals } from '../withConsole.ts';
import { chooseAppliances } from './keptLines.ts';

const phaseTexts = {
  waiting: 'waits for the appliance',
  surveying: 'looks for what is new',
  'catching-up': 'reads what was written before',
  following: 'reads new lines',
} as const satisfies Record<FollowState['phase'], string>;

const problemOf = (state: LinkState): ErrorData | null =>
  state.state === 'retrying' || state.state === 'stopped' ? state.error : null;

/**
 * Keeps the logs of appliances until it is stopped, and prints a line for each change. Without names, keeps those of all
 * appliances, also of those that are added later.
 */
export function keepSyslog({ output, ...globals }: Globals, names: readonly string[]): Promise<number> {
  return withConsole({ output, ...globals }, async (services) => {
    const { fleet, inventory, keptLogs, links, logWatch } = services;
    const chosen = chooseAppliances(services, names).map(({ id }) => id);
    if (chosen.length === 0) output.printError(`${noAppliancesText}\nUntil then, nothing is kept.`);
    const applianceIds = () => (names.length === 0 ? inventory.list().map(({ id }) => id) : chosen);
    const nameOf = (id: string) => inventory.list().find((entry) => entry.id === id)?.name ?? id;
    const printProblem = (id: string, { message, code }: Pick<ErrorData, 'message' | 'code'>) =>
      output.printError(`sallyport: ${nameOf(id)}: ${message} (${code})`);
    const problems = new Map<string, string>();
    const stops = [
      keptLogs.onEvent((id, event) => {
        if (event.kind === 'problem') {
          const problem = event.problem === null ? null : toErrorData(event.problem);
          output.line({ name: nameOf(id), problem }, () =>
            problem === null
              ? `${nameOf(id)}: keeps new lines again`
              : `${nameOf(id)}: keeps no lines: ${problem.message} (${problem.code})`,
          );
        }
        if (event.kind !== 'state') return;
        const { phase, isFilling, trouble } = event.state;
        output.line({ name: nameOf(id), phase, isFilling, trouble }, () => {
          const text = formatValue(trouble ?? phaseTexts[phase]);
          return `${nameOf(id)}: ${text}`;
        });
      }),
      links.onChange((id, state) => {
        const problem = problemOf(state);
        if (problem !== null && problems.get(id) !== problem.message) printProblem(id, problem);
        if (problem !== null) problems.set(id, problem.message);
        else if (state.state === 'connected') problems.delete(id);
      }),
      // Rules may name tenants, which only the appliances know.
      logWatch.rules().length === 0 ? () => undefined : fleet.follow(names.length === 0 ? 'all' : chosen),
      followFleet({
        applianceIds,
        onChange: inventory.onChange,
        limit: Infinity,
        follow: (id) => {
          const release = keptLogs.keep(id);
          return () => void release();
        },
      }),
    ];
    try {
      await stopSignal().wait();
    } finally {
      for (const stop of stops) stop();
    }
    return exitCodes.done;
  });
}
