import { AppError } from '../../../../../src-shared/errors.ts';
import type { ApplianceEntry } from '../../../../../src-shared/model/appliance/applianceEntry.ts';
import { hasTag } from '../../../../../src-shared/model/appliance/tags.ts';
import { taskKinds, type RequestedOrder } from '../../../../../src-shared/model/fanOut/runOrder.ts';
import type { RunTask } from '../../../../../src-shared/model/fanOut/runTask.ts';
import type { Services } from '../../../../services.ts';
import { findAppliance } from '../../withConsole.ts';

/** Which appliances are meant, besides those that are named. */
export type ChoiceOptions = { all: boolean; group: string[]; tag: string[] };

export type StartOptions = ChoiceOptions & {
  /** False for none, undefined for the default. */
  canary?: string | false;
  wave?: number;
  stopAfter?: number;
  watch?: number;
  reason?: string;
};

/**
 * The appliances by name, group and tag, each once. A read command without any choice takes all. Throws NOT_FOUND for an
 * unknown name, and INVALID_INPUT if a group or tag has none, or if nothing is chosen for a change.
 */
export function chooseAppliances(
  services: Services,
  names: readonly string[],
  { all, group, tag }: ChoiceOptions,
  isChange: boolean,
): ApplianceEntry[] {
  const entries = services.inventory.list();
  const isUnnamed = names.length + group.length + tag.length === 0;
  if (all && !isUnnamed) throw new AppError('INVALID_INPUT', 'Give appliances, or --all.');
  if (all || (isUnnamed && !isChange)) return [...entries];
  if (isUnnamed)
    throw new AppError(
      'INVALID_INPUT',
      'Name the appliances, or add --group, --tag or --all. Nothing was changed.',
    );
  const chosen = new Set(names.map((name) => findAppliance(services, name).id));
  const addMatching = (option: string, matches: (entry: ApplianceEntry) => boolean) => {
    const found = entries.filter(matches);
    if (found.length === 0) throw new AppError('INVALID_INPUT', `${option} matches no appliance.`);
    for (const { id } of found) chosen.add(id);
  };
  for (const name of group) addMatching(`--group ${name}`, (entry) => entry.group === name);
  for (const word of tag) addMatching(`--tag ${word}`, (entry) => hasTag(entry.tags, word));
  return entries.filter(({ id }) => chosen.has(id));
}

/** The order from the options, with the defaults of the task. Throws NOT_FOUND for an unknown canary. */
export function readOrder(
  services: Services,
  task: RunTask,
  { canary, wave, stopAfter, watch }: StartOptions,
): RequestedOrder {
  const { order } = taskKinds[task.kind];
  const initial = canary === undefined && order.hasCanary ? 'first' : null;
  const canaryId = typeof canary === 'string' ? findAppliance(services, canary).id : initial;
  return {
    canaryId,
    wave: wave ?? order.wave,
    stopAfter: stopAfter ?? order.stopAfter,
    watchSeconds: canaryId === null ? 0 : (watch ?? order.watchSeconds),
  };
}
