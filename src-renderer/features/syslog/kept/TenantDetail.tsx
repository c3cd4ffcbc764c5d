import { useMemo } from 'react';
import { minuteMs, secondMs } from '../../../../src-shared/base/time.ts';
import type { KeptSearch } from '../../../../src-shared/contract/logs.ts';
import type { TenantView } from '../../../../src-shared/contract/tenants.ts';
import { foldCase } from '../../../../src-shared/model/syslog/query/logQuery.ts';
import { timeBounds } from '../../../../src-shared/model/syslog/query/timeBounds.ts';
import { places } from '../../../state/places.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import { useFromNow } from '../../../ui/feedback/now.ts';
import { Detail } from '../../../ui/layout/Split.tsx';
import { useTenants } from '../../fleet/queries.ts';
import type { StoryTimes } from '../../tenants/story/readStory.ts';
import { StoryCard } from '../../tenants/story/StoryCard.tsx';
import { tenantOf } from './queryText.ts';

/** Events this long around a range belong to it, so that a narrow range tells what it is part of **[ours]**. */
const marginMs = 5 * minuteMs;
/** While older lines are read into the store, the found ones are read again after this time. */
const readingMs = 2 * secondMs;

/** On each of the searched appliances, the tenant that the query is about. */
export function useSearchedTenants(search: KeptSearch | null): readonly TenantView[] {
  const clientId = search === null ? null : tenantOf(search.query);
  const { data } = useTenants({ applianceId: null, enabled: clientId !== null });
  return useMemo(
    () =>
      clientId === null
        ? []
        : (data?.tenants ?? []).filter(
            ({ tenant, applianceId }) =>
              foldCase(tenant.clientId) === foldCase(clientId) && search?.applianceIds.includes(applianceId),
          ),
    [clientId, data, search],
  );
}

/** The times of the search: of its range, and of the tests of the time in its query. */
function timesOf({ query, from, to }: KeptSearch): StoryTimes {
  const bounds = timeBounds(query);
  const first = Math.max(bounds.from, from ?? -Infinity);
  const last = Math.min(bounds.to, to ?? Infinity);
  return {
    from: Number.isFinite(first) ? first - marginMs : null,
    to: Number.isFinite(last) ? last + marginMs : null,
    around: null,
  };
}

/** What happened to the tenant of the query in the time that is searched. */
export function TenantDetail({
  isReading,
  ...props
}: {
  views: readonly TenantView[];
  search: KeptSearch;
  /** Changes when lines arrive. */
  revision: number;
  isReading: boolean;
  onClose: () => void;
}) {
  const { views, search } = props;
  const times = timesOf(search);
  const read = useFromNow((now) => (isReading ? Math.floor(now / readingMs) : 0));
  const close = (
    <Button small kind="quiet" onClick={props.onClose} label="Close details">
      ✕
    </Button>
  );
  return (
    <Detail label="Tenant">
      {views.map(({ applianceId, applianceName, tenant: { clientId, keys } }, index) => (
        <StoryCard
          key={applianceId}
          applianceId={applianceId}
          clientId={clientId}
          keys={keys.map(({ fingerprint }) => ({ clientId, fingerprint }))}
          times={times}
          revision={props.revision + read}
          isReading={isReading}
          note={
            <>
              On {applianceName},{' '}
              {times.from === null && times.to === null ? 'lately' : 'in the searched time'}.{' '}
              <PlaceLink to={places.tenant(applianceName, clientId)}>Open tenant {clientId}</PlaceLink>
            </>
          }
          aside={index === 0 ? close : null}
        />
      ))}
    </Detail>
  );
}
