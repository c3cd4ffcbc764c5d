import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { Moment } from '../../ui/feedback/Moment.tsx';
import { Skeleton } from '../../ui/feedback/States.tsx';
import { Card } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { HostKeysCard, LinksCard } from './ApplianceCards.tsx';
import { ConnectionsCard, OutboundCard } from './NetworkCards.tsx';
import { FusesCard, NoticesCard, ProgramCard, SecretsCard } from './ProgramCards.tsx';
import { useTrust } from './queries.ts';
import styles from './trust.module.css';

/** Answers what a security officer asks about this program, and says what was not seen. */
export function TrustPage() {
  useTitle('Trust');
  const trust = useTrust();
  return (
    <Page>
      <PageHead
        title="Trust"
        sub={
          trust.data === undefined ? null : (
            <>
              Seen <Moment at={trust.data.seenAt} />
            </>
          )
        }
      />
      <Loaded
        query={trust}
        skeleton={
          <Card>
            <Skeleton lines={8} />
          </Card>
        }
      >
        {(data) => (
          <div className={styles.cards}>
            <OutboundCard outbound={data.outbound} connectedWindow={data.connectedWindow} />
            <HostKeysCard appliances={data.appliances} />
            <LinksCard appliances={data.appliances} seenAt={data.seenAt} />
            <ConnectionsCard connections={data.connections} />
            <div className={styles.pair}>
              <SecretsCard secrets={data.secrets} />
              <ProgramCard program={data.program} />
            </div>
            <FusesCard fuses={data.fuses} />
            <NoticesCard />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
