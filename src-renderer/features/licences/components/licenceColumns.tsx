import { licenceModes, licenceStaleAfterMs } from '../../../../src-shared/model/licence/licence.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { ToneWord } from '../../../ui/feedback/Tone.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { MachineText } from '../../../ui/text/Machine.tsx';
import { describeLicence } from '../../fleet/labels.ts';
import { orderedSteps, workRoles, workSteps } from '../../../../src-shared/model/licence/calendar.ts';
import { formatWeekday } from '../../../../src-shared/model/licence/dayText.ts';
import { describeNext, formatLocalMinute, formatUtcMinute, roleOfNext } from '../labels.ts';
import type { LicenceRow } from '../rows.ts';
import { DaysLeft } from './ExpiryCalendar.tsx';
import textStyles from '../../../ui/text/text.module.css';

function Instant({ at, local = false }: { at: string | null | undefined; local?: boolean }) {
  if (at == null) return <>–</>;
  // The head of the column says that it is UTC.
  const text = local ? formatLocalMinute(at) : formatUtcMinute(at).replace(/ UTC$/u, '');
  return <span className={textStyles.mono}>{text}</span>;
}

/** Which appliance it is, and the state of its licence. */
function stateColumns(now: number): Column<LicenceRow>[] {
  return [
    {
      id: 'appliance',
      header: 'Appliance',
      width: 'minmax(92px, 1fr)',
      rank: 1,
      value: ({ name }) => name,
      cell: ({ name }) => (
        <PlaceLink to={places.appliance(name)} className={textStyles.nameLink}>
          {name}
        </PlaceLink>
      ),
    },
    {
      id: 'state',
      header: 'State',
      width: 'minmax(96px, 0.8fr)',
      rank: 1,
      value: ({ licence }) => licence?.state ?? null,
      cell: ({ licence, observedAt }) => (
        <ToneWord tone={describeLicence(licence, now).tone} observedAt={observedAt}>
          {licence?.state ?? 'unknown'}
        </ToneWord>
      ),
    },
    {
      id: 'mode',
      header: 'Mode',
      width: '86px',
      rank: 7,
      value: ({ licence }) => (licence?.mode == null ? null : licenceModes[licence.mode].label),
      cell: ({ licence }) => (licence?.mode == null ? '–' : licenceModes[licence.mode].label),
    },
    {
      id: 'left',
      header: 'Left',
      width: '92px',
      rank: 1,
      end: true,
      value: (row) => (row.licence?.expiresAt == null ? null : describeLicence(row.licence, now).text),
      cell: (row) => (row.licence?.expiresAt == null ? '–' : <DaysLeft row={row} now={now} />),
    },
  ];
}

/** When the licence ends. */
const endColumns: readonly Column<LicenceRow>[] = [
  {
    id: 'expires',
    header: 'Expires (UTC)',
    width: '158px',
    rank: 2,
    value: ({ licence }) => licence?.expiresAt ?? null,
    cell: ({ licence }) => <Instant at={licence?.expiresAt} />,
  },
  {
    id: 'local',
    header: 'Expires (local)',
    width: '158px',
    rank: 5,
    value: ({ licence }) => (licence?.expiresAt == null ? null : formatLocalMinute(licence.expiresAt)),
    cell: ({ licence }) => <Instant at={licence?.expiresAt} local />,
  },
  {
    id: 'grace',
    header: 'Grace ends (UTC)',
    width: '158px',
    rank: 6,
    value: ({ licence }) => licence?.graceEndsAt ?? null,
    cell: ({ licence }) => <Instant at={licence?.graceEndsAt} />,
  },
];

/** The day of one step of the renewal. */
function stepColumn(step: (typeof orderedSteps)[number], now: number): Column<LicenceRow> {
  const dayOf = ({ schedule }: LicenceRow) => schedule.dates.find((date) => date.step === step);
  return {
    id: step,
    header: workSteps[step].label,
    width: '124px',
    rank: 11,
    value: (row) => dayOf(row)?.day ?? null,
    cell: (row) => {
      const date = dayOf(row);
      return date === undefined ? '–' : `${date.done === null ? '' : '✓ '}${formatWeekday(date.day, now)}`;
    },
  };
}

/** What has to be done for the renewal, where, by whom and when. */
function renewalColumns(now: number): Column<LicenceRow>[] {
  return [
    {
      id: 'next',
      header: 'Next step',
      width: 'minmax(200px, 2.4fr)',
      rank: 3,
      value: (row) => {
        const { sentence, by } = describeNext(row, now);
        return by === null ? sentence : `${sentence} ${by}`;
      },
      cell: (row) => {
        const { sentence, by } = describeNext(row, now);
        return by === null ? sentence : `${sentence} ${by}`;
      },
    },
    {
      id: 'cluster',
      header: 'Cluster',
      width: '92px',
      rank: 7,
      value: ({ cluster }) => cluster || null,
      cell: ({ cluster }) => <MachineText text={cluster || '–'} />,
    },
    {
      id: 'role',
      header: 'For',
      width: 'minmax(100px, 0.8fr)',
      rank: 7,
      value: (row) => (row.schedule.next === null ? null : workRoles[roleOfNext(row)].label),
      cell: (row) => (row.schedule.next === null ? '–' : workRoles[roleOfNext(row)].label),
    },
    ...orderedSteps.map((step) => stepColumn(step, now)),
    {
      id: 'snooze',
      header: 'Snoozed until',
      width: '108px',
      rank: 12,
      hidesEmpty: true,
      value: ({ schedule }) => schedule.snooze?.until ?? null,
      cell: ({ schedule }) => (schedule.snooze === null ? '–' : formatWeekday(schedule.snooze.until, now)),
    },
  ];
}

/** What the licence allows, and how old this is. */
const contentColumns: readonly Column<LicenceRow>[] = [
  {
    id: 'accounts',
    header: 'Accounts',
    width: '78px',
    rank: 8,
    end: true,
    value: ({ licence }) => licence?.entitlements?.accounts ?? null,
    cell: ({ licence }) =>
      licence?.entitlements == null
        ? '–'
        : (licence.entitlements.accounts?.toLocaleString('en-US') ?? 'unlimited'),
  },
  {
    id: 'sequence',
    header: 'Sequence',
    width: '76px',
    rank: 9,
    end: true,
    value: ({ licence }) => licence?.sequence ?? null,
    cell: ({ licence }) => licence?.sequence ?? '–',
  },
  {
    id: 'key',
    header: 'Key',
    width: 'minmax(120px, 1fr)',
    rank: 10,
    value: ({ licence }) => licence?.key ?? null,
    cell: ({ licence }) => <MachineText text={licence?.key ?? '–'} />,
  },
  {
    id: 'age',
    header: 'Data age',
    width: '70px',
    rank: 4,
    end: true,
    value: ({ observedAt }) => observedAt,
    cell: ({ observedAt }) => <Age observedAt={observedAt} freshForMs={licenceStaleAfterMs} />,
  },
];

/** The columns of the table of licences and of its export. */
export function licenceColumns(now: number): readonly Column<LicenceRow>[] {
  return [...stateColumns(now), ...endColumns, ...renewalColumns(now), ...contentColumns];
}
