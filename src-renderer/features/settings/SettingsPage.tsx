import type { ReactNode } from 'react';
import { toErrorData } from '../../rpc/errors.ts';
import { Card, PageHead } from '../../ui/layout/Card.tsx';
import { CompactSelect } from '../../ui/form/CompactSelect.tsx';
import { PartBoundary } from '../../ui/feedback/PartBoundary.tsx';
import { ErrorNotice, Skeleton } from '../../ui/feedback/States.tsx';
import { useColorScheme } from '../../ui/UiProvider.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { useMay } from '../system/queries.ts';
import { useNotificationRules } from '../notifications/queries.ts';
import { ProbingForm } from './components/ProbingForm.tsx';
import { RulesForm } from './components/RulesForm.tsx';
import { useProbing } from './queries.ts';
import './settings.css';

/** What this console does by itself, and how it looks. */
export function SettingsPage() {
  useTitle('Settings');
  return (
    <div className="page">
      <PageHead title="Settings" sub="Stored on this computer only" />
      <div className="settings">
        <PartBoundary part="The notification rules">
          <RulesCard />
        </PartBoundary>
        <PartBoundary part="The probing">
          <ProbingCard />
        </PartBoundary>
        <AppearanceCard />
      </div>
    </div>
  );
}

/** Everybody may look; only an admin may change. */
function ForAdmins({ children }: { children: ReactNode }) {
  const may = useMay('admin');
  return (
    <fieldset className="settings-form" disabled={!may}>
      {may ? null : <p className="sub">Only an admin may change this.</p>}
      {children}
    </fieldset>
  );
}

function RulesCard() {
  const rules = useNotificationRules();
  return (
    <Card title="Notifications" label="Notifications">
      {rules.isPending ? (
        <Skeleton lines={5} />
      ) : rules.data === undefined ? (
        <ErrorNotice error={toErrorData(rules.error)} onRetry={() => void rules.refetch()} />
      ) : (
        <ForAdmins>
          <RulesForm rules={rules.data.rules} />
        </ForAdmins>
      )}
    </Card>
  );
}

function ProbingCard() {
  const probing = useProbing();
  return (
    <Card title="Probing" label="Probing">
      {probing.isPending ? (
        <Skeleton lines={3} />
      ) : probing.data === undefined ? (
        <ErrorNotice error={toErrorData(probing.error)} onRetry={() => void probing.refetch()} />
      ) : (
        <ForAdmins>
          <ProbingForm probing={probing.data.probing} />
        </ForAdmins>
      )}
    </Card>
  );
}

const schemes = [
  { value: 'auto', text: 'Match system' },
  { value: 'dark', text: 'dark' },
  { value: 'light', text: 'light' },
] as const;

function AppearanceCard() {
  const { scheme, setScheme } = useColorScheme();
  return (
    <Card title="Appearance" label="Appearance">
      <div className="row">
        <span>Colours</span>
        <CompactSelect label="Colours" value={scheme} options={schemes} onChange={setScheme} />
      </div>
    </Card>
  );
}
