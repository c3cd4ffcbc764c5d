import { useMemo, useState } from 'react';
import type { ConnectYamlContext } from '../../../src-shared/model/connectYaml/connectYamlValues.ts';
import { Page, PageHead } from '../../ui/layout/Page.tsx';
import { FilterChip } from '../../ui/layout/FilterChip.tsx';
import { useTitle } from '../../ui/layout/useTitle.ts';
import { useAppliances } from '../fleet/queries.ts';
import { CheckPane } from './components/CheckPane.tsx';
import { PlaceChooser, type ChosenPlace } from './components/PlaceChooser.tsx';
import { WriteForm } from './components/WriteForm.tsx';
import { setDraftText, useDraft } from './draft.ts';
import { useKnownPlace } from './queries.ts';
import layout from '../../ui/layout/layout.module.css';

const nowhere: ChosenPlace = { runs: '', applianceId: '', clientId: '' };

/** Checks, fixes and generates a tenant's connect.yaml. The text stays in this page; it is neither sent nor stored. */
export function ConnectYamlPage() {
  useTitle('connect.yaml');
  const text = useDraft((draft) => draft.text);
  const [tab, setTab] = useState<'check' | 'write'>('check');
  const [chosen, setChosen] = useState<ChosenPlace>(nowhere);
  const appliances = useAppliances();
  const known = useKnownPlace(chosen.applianceId || null, chosen.clientId || null);
  const { applianceVersion, connectVersion, allottedPorts, hostKey } = known.context;
  const context = useMemo(
    (): ConnectYamlContext => ({
      runs: chosen.runs || undefined,
      applianceVersion,
      connectVersion,
      allottedPorts,
      hostKey,
    }),
    [chosen.runs, applianceVersion, connectVersion, allottedPorts, hostKey],
  );
  return (
    <Page fill>
      <PageHead title="connect.yaml" sub="A tenant’s Connect configuration">
        <FilterChip on={tab === 'check'} onToggle={() => setTab('check')}>
          Check
        </FilterChip>
        <FilterChip on={tab === 'write'} onToggle={() => setTab('write')}>
          Write a new one
        </FilterChip>
        <div className={`${layout.row} ${layout.pageActions}`}>
          <PlaceChooser
            place={chosen}
            onChange={setChosen}
            appliances={appliances.map(({ entry, status }) => ({
              id: entry.id,
              name: entry.name,
              version: status?.value.versions.appliance ?? null,
            }))}
            clientIds={known.clientIds}
          />
        </div>
      </PageHead>
      {tab === 'check' ? (
        <CheckPane text={text} onText={setDraftText} context={context} onWrite={() => setTab('write')} />
      ) : (
        <WriteForm
          context={context}
          replaces={text !== ''}
          onTake={(written) => {
            setDraftText(written);
            setTab('check');
          }}
        />
      )}
    </Page>
  );
}
