import { listClusterMembers } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { places } from '../../../state/places.ts';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { useApplianceList } from '../../fleet/queries.ts';

/** After a member of a cluster was renewed: the next member whose licence is older. */
export function NextMember({ name, after }: { name: string; after: string }) {
  const views = useApplianceList().data ?? [];
  const renewed = views.find(({ entry }) => entry.name === name);
  if (renewed === undefined || renewed.entry.cluster === '') return null;
  const [, ...others] = listClusterMembers(
    renewed.entry,
    views.map(({ entry }) => entry),
  );
  const licenceOf = (id: string) => views.find(({ entry }) => entry.id === id)?.licence ?? null;
  const own = licenceOf(renewed.entry.id);
  // Until the appliance was read again, its licence here is the old one.
  if (own === null || own.observedAt < after || own.value.expiresAt === null) return null;
  const ownEnd = Date.parse(own.value.expiresAt);
  const next = others.find(({ id }) => {
    const ends = licenceOf(id)?.value.expiresAt ?? null;
    return ends === null || Date.parse(ends) < ownEnd;
  });
  const cluster = visibleLine(renewed.entry.cluster);
  return (
    <Card title={`Cluster ${cluster}`} label="Next member">
      {next === undefined ? (
        <p>No other member has a licence that ends earlier than this one.</p>
      ) : (
        <p>
          {next.name} has a licence that ends earlier.{' '}
          <PlaceLink to={places.licences({ renew: next.name })}>Renew {next.name}…</PlaceLink>
        </p>
      )}
    </Card>
  );
}
