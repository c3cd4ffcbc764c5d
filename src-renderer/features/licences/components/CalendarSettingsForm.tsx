import {
  orderedLeadTimesSchema,
  type LeadTimes,
  type Reminders,
  remindersSchema,
} from '../../../../src-shared/model/licence/calendarSettings.ts';
import { SettingsForm } from '../../settings/components/SettingsForm.tsx';
import { useCalendarActions } from '../queries.ts';

export function RemindersForm({ reminders }: { reminders: Reminders }) {
  const { setReminders } = useCalendarActions();
  return (
    <SettingsForm
      group="licenceReminders"
      schema={remindersSchema}
      settings={reminders}
      saving={setReminders}
      onSave={(changed) => setReminders.mutate({ reminders: changed })}
      intro="Each reminder is raised once as a notification that names its role. None is raised while a licence is snoozed."
    />
  );
}

export function LeadTimesForm({ leadTimes }: { leadTimes: LeadTimes }) {
  const { setLeadTimes } = useCalendarActions();
  return (
    <SettingsForm
      group="licenceLeadTimes"
      schema={orderedLeadTimesSchema}
      settings={leadTimes}
      saving={setLeadTimes}
      onSave={(changed) => setLeadTimes.mutate({ leadTimes: changed })}
      intro="Days count back from the last day of each licence in UTC. The defaults suit a purchase that takes three weeks."
    />
  );
}
