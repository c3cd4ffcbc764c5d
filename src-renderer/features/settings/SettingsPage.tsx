import { notificationRulesSchema } from '../../../src-shared/model/notifications/kinds.ts';
import { customerSenderSchema } from '../../../src-shared/model/tunnels/customerMessage.ts';
import { probingSchema } from '../../../src-shared/model/tunnels/probe.ts';
import { Card } from '../../ui/layout/Card.tsx';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { CompactSelect } from '../../ui/form/CompactSelect.tsx';
import { lazyComponent } from '../../ui/layout/lazyComponent.tsx';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { Loaded } from '../../ui/feedback/Loaded.tsx';
import { Skeleton } from '../../ui/feedback/States.tsx';
import { useColorScheme } from '../../ui/UiProvider.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { useCustomerSender, useSetCustomerSender } from '../tenants/customer/queries.ts';
import { useNotificationRules, useSetNotificationRules } from '../notifications/queries.ts';
import { ForAdmins } from './components/ForAdmins.tsx';
import { SettingsForm } from './components/SettingsForm.tsx';
import { PolicyCard } from './components/PolicyCard.tsx';
import { useProbing, useSetProbing } from './queries.ts';
import layout from '../../ui/layout/layout.module.css';
import styles from './settings.module.css';

const Targets = lazyComponent(
  async () => (await import('../notifications/targets/TargetsCard.tsx')).TargetsCard,
);
const Vault = lazyComponent(async () => (await import('../secrets/VaultCard.tsx')).VaultCard);
const Links = lazyComponent(async () => (await import('./components/LinksCard.tsx')).LinksCard);

/** The notification rules, the automatic tests, the sender of messages, and the colours. */
export function SettingsPage() {
  useTitle('Settings');
  return (
    <Page>
      <PageHead title="Settings" sub="Stored on this computer only" />
      <div className={styles.settings}>
        <PartBoundary part="The notification rules">
          <RulesCard />
        </PartBoundary>
        <Targets.Component part="The targets of notifications" props={{}} fallback={null} />
        <PartBoundary part="The tunnel tests">
          <ProbingCard />
        </PartBoundary>
        <PartBoundary part="The sender of messages">
          <SenderCard />
        </PartBoundary>
        <Vault.Component part="The vault" props={{}} fallback={null} />
        <Links.Component part="The limits of connections" props={{}} fallback={null} />
        <AppearanceCard />
        <PartBoundary part="The managed policy">
          <PolicyCard />
        </PartBoundary>
      </div>
    </Page>
  );
}

function RulesCard() {
  const rules = useNotificationRules();
  const save = useSetNotificationRules();
  return (
    <Card title="Notifications" label="Notifications">
      <Loaded query={rules} skeleton={<Skeleton lines={5} />}>
        {(data) => (
          <ForAdmins>
            <SettingsForm
              group="notifications"
              schema={notificationRulesSchema}
              settings={data.rules}
              saving={save}
              onSave={(changed) => save.mutate({ rules: changed })}
              intro="You are notified of each problem once, and again only if it clears and comes back."
              note="Quiet hours use this computer’s clock. Notifications still appear in the list."
            />
          </ForAdmins>
        )}
      </Loaded>
    </Card>
  );
}

function ProbingCard() {
  const probing = useProbing();
  const save = useSetProbing();
  return (
    <Card title="Tunnel tests" label="Tunnel tests">
      <Loaded query={probing} skeleton={<Skeleton lines={3} />}>
        {(data) => (
          <ForAdmins>
            <SettingsForm
              group="tunnelTests"
              schema={probingSchema}
              settings={data.probing}
              saving={save}
              onSave={(changed) => save.mutate({ probing: changed })}
              intro="A test opens a connection through the tunnel, from the appliance, and checks whether the service answers. It never logs in."
            />
          </ForAdmins>
        )}
      </Loaded>
    </Card>
  );
}

function SenderCard() {
  const sender = useCustomerSender();
  const save = useSetCustomerSender();
  return (
    <Card title="Messages to customers" label="Messages to customers">
      <Loaded query={sender} skeleton={<Skeleton lines={3} />}>
        {(data) => (
          <ForAdmins>
            <SettingsForm
              group="customerMessages"
              schema={customerSenderSchema}
              settings={data.sender}
              saving={save}
              onSave={(changed) => save.mutate({ sender: changed })}
              intro="The text for a customer starts with the sender and ends with the signature. The console doesn’t send messages."
            />
          </ForAdmins>
        )}
      </Loaded>
    </Card>
  );
}

const schemes = [
  { value: 'auto', text: 'Same as the system' },
  { value: 'dark', text: 'dark' },
  { value: 'light', text: 'light' },
] as const;

function AppearanceCard() {
  const { scheme, setScheme } = useColorScheme();
  return (
    <Card title="Appearance" label="Appearance">
      <div className={layout.row}>
        <span>Colours</span>
        <CompactSelect label="Colours" value={scheme} options={schemes} onChange={setScheme} />
      </div>
    </Card>
  );
}
