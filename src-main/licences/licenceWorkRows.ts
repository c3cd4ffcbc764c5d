import { licenceWorkSchema, type LicenceWork } from '../../src-shared/model/licence/licenceWork.ts';
import type { OpenTrip } from '../../src-shared/model/licence/scheduleRenewal.ts';
import { tripSchema } from '../../src-shared/model/licence/trip.ts';
import type { Store } from '../store/store.ts';

/** Older licences of an appliance than this many are forgotten. */
const maxSequences = 10;

const openTripSchema = tripSchema.pick({ openedAt: true, openedBy: true, answer: true });

const keyOf = (applianceId: string, sequence: number) => `${applianceId} ${sequence}`;

/** Reads and writes the work for each licence. Keeps all rows in memory until `forget` is called. */
export function createLicenceWorkRows({ store }: { store: Store }) {
  const { query } = store;
  let works: Map<string, LicenceWork> | null = null;
  let trips: Map<string, OpenTrip> | null = null;

  function readWorks(): Map<string, LicenceWork> {
    const rows = store.all(query.selectFrom('licenceWork').selectAll());
    return new Map(
      rows.flatMap(({ applianceId, sequence, workJson }) => {
        const { data } = licenceWorkSchema.safeParse(JSON.parse(workJson));
        return data === undefined ? [] : [[keyOf(applianceId, sequence), data]];
      }),
    );
  }

  function readTrips(): Map<string, OpenTrip> {
    const rows = store.all(
      query.selectFrom('licenceTrip').select(['entryId', 'tripJson']).where('endedAt', 'is', null),
    );
    return new Map(
      rows.flatMap(({ entryId, tripJson }) => {
        const { data } = openTripSchema.safeParse(JSON.parse(tripJson));
        if (entryId === null || data === undefined) return [];
        const { openedAt, openedBy, answer } = data;
        const answered = answer === null ? null : { at: answer.at, by: answer.by };
        return [[entryId, { openedAt, openedBy, answer: answered }]];
      }),
    );
  }

  return {
    workOf: (applianceId: string, sequence: number): LicenceWork =>
      (works ??= readWorks()).get(keyOf(applianceId, sequence)) ?? { done: {}, snooze: null },
    openTripOf: (applianceId: string): OpenTrip | null => (trips ??= readTrips()).get(applianceId) ?? null,
    /** Everything that schedules depend on, to find what another console changed. */
    digest: (): string => JSON.stringify([[...readWorks()], [...readTrips()]]),
    forget: (): void => {
      works = null;
      trips = null;
    },
    write: (applianceId: string, sequence: number, work: LicenceWork): void => {
      store.writeDurably(() => {
        const workJson = JSON.stringify(licenceWorkSchema.parse(work));
        store.run(query.replaceInto('licenceWork').values({ applianceId, sequence, workJson }));
        const old = query
          .selectFrom('licenceWork')
          .select('sequence')
          .where('applianceId', '=', applianceId)
          .orderBy('sequence', 'desc')
          .limit(-1)
          .offset(maxSequences);
        store.run(
          query
            .deleteFrom('licenceWork')
            .where('applianceId', '=', applianceId)
            .where('sequence', 'in', old)
            .where('sequence', '!=', sequence),
        );
      });
      works = null;
    },
  };
}
