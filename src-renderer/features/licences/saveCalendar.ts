import type { Reminders } from '../../../src-shared/model/licence/calendarSettings.ts';
import { listLicenceEvents, writeICalendar } from '../../../src-shared/model/licence/iCalendar.ts';
import { saveText } from '../../ui/text/saveText.ts';
import type { LicenceRow } from './rows.ts';

/** Saves the dates of all licences as an iCalendar file, as the command line writes it. */
export function saveCalendar(rows: readonly LicenceRow[], reminders: Reminders): void {
  const events = rows.flatMap(({ id, name, licence, schedule }) =>
    licence === null
      ? []
      : listLicenceEvents({ applianceId: id, applianceName: name, licence, schedule, reminders }),
  );
  saveText({
    name: 'licences.ics',
    type: 'text/calendar;charset=utf-8',
    text: writeICalendar(events, Date.now()),
  });
}
