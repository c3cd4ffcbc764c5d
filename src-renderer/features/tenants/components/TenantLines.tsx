import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { KeptSearch } from '../../../../src-shared/contract/logs.ts';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { secondMs } from '../../../../src-shared/base/time.ts';
import type { KeptLine } from '../../../../src-shared/model/syslog/keptLine.ts';
import { places } from '../../../state/places.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { type ConsoleClient, useConsole } from '../../../rpc/client.tsx';
import { Loaded } from '../../../ui/feedback/Loaded.tsx';
import { formatLineTime } from '../../../ui/feedback/Moment.tsx';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { PlaceLink } from '../../../ui/layout/Place.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';
import styles from '../tenants.module.css';

const maxLines = 12;
const refreshMs = 10 * secondMs;

/** The newest kept lines of a tenant and its sessions, oldest first. */
async function readLines(
  client: ConsoleClient,
  place: { applianceId: string; clientId: string },
  signal: AbortSignal,
): Promise<KeptLine[]> {
  const search: KeptSearch = {
    query: { kind: 'field', field: 'tenant', op: '=', value: place.clientId },
    applianceIds: [place.applianceId],
    from: null,
    to: null,
  };
  const found: KeptLine[] = [];
  const batches = await client.logs.lines(
    { search, direction: 'older', after: null, limit: maxLines },
    { signal },
  );
  for await (const { lines } of batches) found.push(...lines);
  return found.toReversed();
}

function LastLines({ applianceId, clientId }: { applianceId: string; clientId: string }) {
  const { client } = useConsole();
  const lines = useQuery({
    queryKey: ['tenant-lines', applianceId, clientId],
    queryFn: ({ signal }) => readLines(client, { applianceId, clientId }, signal),
    refetchInterval: refreshMs,
    gcTime: 0,
  });
  return (
    <>
      {lines.error !== null && lines.data !== undefined ? (
        <ErrorNotice error={toErrorData(lines.error)} />
      ) : null}
      <Loaded
        query={lines}
        skeleton={<Skeleton lines={4} />}
        empty={
          <p className={textStyles.sub}>
            No kept lines of this tenant. Lines are kept while the search of the syslog is open.
          </p>
        }
      >
        {(list) => (
          <ol className={styles.proofLines} aria-label="Last log lines">
            {list.map(({ key, text }) => (
              <li key={`${key.source}.${key.line}`}>
                <PlaceLink
                  to={places.syslog({ show: 'search', line: `${key.source}.${key.line}` })}
                  className={textStyles.link}
                >
                  {formatLineTime(new Date(key.sort).toISOString(), 0)}
                </PlaceLink>{' '}
                {visibleText(text)}
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </>
  );
}

/** The last lines of a tenant and its sessions, with links to each line and to all of them. */
export function TenantLines(props: { applianceId: string; applianceName: string; clientId: string }) {
  const { applianceId, applianceName, clientId } = props;
  const [isOpen, setIsOpen] = useState(false);
  const all = places.syslog({ show: 'search', from: `${applianceName},`, find: `tenant:${clientId}` });
  return (
    <Card title="Log lines" aside={<PlaceLink to={all}>Show in logs</PlaceLink>}>
      <div className={layout.stack}>
        {isOpen ? (
          <LastLines applianceId={applianceId} clientId={clientId} />
        ) : (
          <div className={layout.row}>
            <Button small onClick={() => setIsOpen(true)}>
              Show the last lines
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}
