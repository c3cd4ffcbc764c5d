import type { LicenceSchedule } from './licenceWork.ts';
import type { WorkRole } from './calendar.ts';
import type { LicenceMode } from './licence.ts';

export type NextStep = NonNullable<LicenceSchedule['next']>['step'];

/** The step to do next: a step of the calendar, or what remains after the last one. */
export const nextSteps: Record<NextStep, { sentence: string; role: WorkRole }> = {
  quote: { sentence: 'Ask the vendor for a quote', role: 'purchasing' },
  order: { sentence: 'Order the renewal', role: 'purchasing' },
  carry: { sentence: 'Carry the request out and the answer back', role: 'manager' },
  apply: { sentence: 'Apply the answer', role: 'manager' },
  receive: { sentence: 'Check that the appliance fetched its new licence', role: 'administrator' },
  renew: { sentence: 'Renew now', role: 'manager' },
  install: { sentence: 'Install a licence', role: 'administrator' },
};

/** Who does a step. No one carries a file to an appliance that fetches its licence itself. */
export function roleOfStep(step: NextStep, mode: LicenceMode | null): WorkRole {
  const { role } = nextSteps[step];
  return mode === 'connected' && role === 'manager' ? 'administrator' : role;
}
