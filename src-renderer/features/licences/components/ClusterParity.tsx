import { licenceStaleAfterMs } from '../../../../src-shared/model/licence/licence.ts';
import {
  compareMemberLicences,
  groupByCluster,
  parityLabels,
} from '../../../../src-shared/model/licence/licenceParity.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { places } from '../../../state/places.ts';
import { Age } from '../../../ui/feedback/Age.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { formatUtcMinute } from '../labels.ts';
import type { LicenceRow } from '../rows.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import styles from '../licences.module.css';
import textStyles from '../../../ui/text/text.module.css';

const parityTones = { equal: 'ok', different: 'warn', unknown: 'off' } as const;

/** The licences of each cluster, member by member, and whether they are equal. */
export function ClusterParity({ rows }: { rows: readonly LicenceRow[] }) {
  return groupByCluster(rows, ({ cluster }) => cluster).map(([cluster, members]) => (
    <ClusterCard key={cluster} cluster={cluster} members={members} />
  ));
}

function ClusterCard({ cluster, members }: { cluster: string; members: readonly LicenceRow[] }) {
  const { state, differences } = compareMemberLicences(members);
  return (
    <Card
      title={`Cluster ${visibleLine(cluster)}`}
      label={`Licences of cluster ${visibleLine(cluster)}`}
      flush
      aside={
        <span className={feedback.chip} data-tone={parityTones[state]}>
          {parityLabels[state]}
        </span>
      }
    >
      <div className={styles.calendarFrame}>
        <table className={`${styles.calendar} ${styles.members}`}>
          <thead>
            <tr>
              <th scope="col">Member</th>
              <th scope="col">State</th>
              <th scope="col">Expires (UTC)</th>
              <th scope="col">Sequence</th>
              <th scope="col">Plan</th>
              <th scope="col" className={styles.end}>
                Data age
              </th>
            </tr>
          </thead>
          <tbody>
            {members.map((member) => (
              <Member key={member.id} member={member} />
            ))}
          </tbody>
        </table>
      </div>
      {differences.length === 0 ? null : (
        <div className={styles.parityNotes}>
          <PlainList label={`Differences of cluster ${visibleLine(cluster)}`}>
            {differences.map((difference) => (
              <li key={difference}>{visibleLine(difference)}</li>
            ))}
          </PlainList>
        </div>
      )}
    </Card>
  );
}

function Member({ member }: { member: LicenceRow }) {
  const { name, licence, observedAt } = member;
  return (
    <tr>
      <th scope="row">
        <PlaceLink to={places.appliance(name)} className={textStyles.nameLink}>
          {name}
        </PlaceLink>
      </th>
      <td>{licence?.state ?? 'unknown'}</td>
      <td className={textStyles.mono}>
        {licence?.expiresAt == null ? '–' : formatUtcMinute(licence.expiresAt)}
      </td>
      <td className={textStyles.mono}>{licence?.sequence ?? '–'}</td>
      <td>{visibleLine(licence?.entitlements?.plan ?? '–')}</td>
      <td className={styles.end}>
        <Age observedAt={observedAt} freshForMs={licenceStaleAfterMs} />
      </td>
    </tr>
  );
}
