import type { TripSummary } from '../../../../src-shared/model/licence/trip.ts';
import { tripSteps } from '../../../../src-shared/model/licence/tripSteps.ts';
import { places } from '../../../state/places.ts';
import { useNavigateTo } from '../../../state/navigate.ts';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { Moment } from '../../../ui/feedback/Moment.tsx';
import { Skeleton } from '../../../ui/feedback/States.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { DataTable } from '../../../ui/table/DataTable.tsx';
import { stepOrder } from '../trip/tripLabels.ts';
import { useTrips } from '../queries.ts';
import card from '../../../ui/layout/Card.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

function describeState({ ended, step }: TripSummary): string {
  return ended === null
    ? `step ${stepOrder.indexOf(step) + 1} of ${stepOrder.length}: ${tripSteps[step].label.toLowerCase()}`
    : ended.how;
}

const columns: readonly Column<TripSummary>[] = [
  {
    id: 'name',
    header: 'Trip',
    width: 'minmax(120px, 1fr)',
    rank: 1,
    value: ({ name }) => name,
    cell: ({ id, name }) => (
      <PlaceLink to={places.licenceTrip(id)} className={textStyles.nameLink}>
        {name}
      </PlaceLink>
    ),
  },
  {
    id: 'appliance',
    header: 'Appliance',
    width: 'minmax(100px, 1fr)',
    rank: 2,
    value: ({ applianceName }) => applianceName,
    cell: ({ applianceName, entryId }) =>
      entryId === null ? `${applianceName} (not in this console)` : applianceName,
  },
  {
    id: 'state',
    header: 'State',
    width: 'minmax(170px, 1.4fr)',
    rank: 1,
    value: describeState,
    cell: (trip) => (
      <span
        className={feedback.word}
        data-tone={trip.ended === null ? 'warn' : trip.ended.how === 'done' ? 'ok' : 'unknown'}
      >
        {describeState(trip)}
      </span>
    ),
  },
  {
    id: 'opened',
    header: 'Opened',
    width: '158px',
    rank: 3,
    value: ({ openedAt }) => openedAt,
    cell: ({ openedAt }) => <Moment at={openedAt} />,
  },
  {
    id: 'ended',
    header: 'Ended',
    width: '158px',
    rank: 4,
    value: ({ ended }) => ended?.at ?? null,
    cell: ({ ended }) => (ended === null ? '–' : <Moment at={ended.at} />),
  },
];

/** All renewals, open ones first. */
export function TripTable() {
  const trips = useTrips();
  const navigateTo = useNavigateTo();
  return (
    <Loaded query={trips} skeleton={<Skeleton lines={4} />}>
      {(data) => (
        <div className={`${card.card} ${styles.tableCard}`}>
          <DataTable
            label="Trips"
            columns={columns}
            rows={data.trips}
            rowKey={({ id }) => id}
            rowLabel={({ name }) => name}
            selectedKey={null}
            onSelect={() => undefined}
            onOpen={({ id }) => navigateTo(places.licenceTrip(id))}
            openText="Open the trip"
            placeOf={({ id }) => places.licenceTrip(id)}
            empty="No trips yet. “Renew offline…” starts one."
            opensOnClick
            fit
          />
        </div>
      )}
    </Loaded>
  );
}
