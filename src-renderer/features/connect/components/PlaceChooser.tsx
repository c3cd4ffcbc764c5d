import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import {
  deploymentNames,
  deployments,
  type Deployment,
} from '../../../../src-shared/model/connectYaml/deployments.ts';
import styles from '../connect.module.css';

export type ChosenPlace = { runs: Deployment | ''; applianceId: string; clientId: string };

/** Chooses the site of the file. The linter skips rules for unknown facts about the site. */
export function PlaceChooser({
  place,
  onChange,
  appliances,
  clientIds,
}: {
  place: ChosenPlace;
  onChange: (place: ChosenPlace) => void;
  appliances: readonly { id: string; name: string; version: string | null }[];
  clientIds: readonly string[];
}) {
  return (
    <fieldset className={styles.connectContext} aria-label="Check against">
      <CompactSelect
        label="Where Connect runs"
        value={place.runs}
        options={[
          { value: '', text: 'Anywhere' },
          ...deploymentNames.map((value) => ({ value, text: deployments[value].label })),
        ]}
        onChange={(runs) => onChange({ ...place, runs })}
      />
      <CompactSelect
        label="Appliance"
        value={place.applianceId}
        options={[
          { value: '', text: 'Any appliance version' },
          ...appliances.map(({ id, name, version }) => ({
            value: id,
            text: version === null ? name : `${name} · ${version}`,
          })),
        ]}
        onChange={(applianceId) => onChange({ ...place, applianceId, clientId: '' })}
      />
      {place.applianceId === '' ? null : (
        <CompactSelect
          label="Tenant"
          value={place.clientId}
          options={[{ value: '', text: 'Any tenant' }, ...clientIds.map((id) => ({ value: id, text: id }))]}
          onChange={(clientId) => onChange({ ...place, clientId })}
        />
      )}
    </fieldset>
  );
}
