import { CompactSelect } from '../../../ui/form/CompactSelect.tsx';
import type { HandOverRuns } from '../../../../src-shared/model/handOver/handOverPack.ts';

export type ChosenPlace = { runs: HandOverRuns | ''; applianceId: string; clientId: string };

/** Where the file will be used: what is chosen here is judged, what is not isn't. */
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
    <fieldset className="connect-context" aria-label="What it is for">
      <CompactSelect
        label="Connect runs"
        value={place.runs}
        options={[
          { value: '', text: 'runs anywhere' },
          { value: 'container', text: 'runs in a container' },
          { value: 'service', text: 'runs as a service' },
          { value: 'openssh', text: 'plain OpenSSH' },
        ]}
        onChange={(runs) => onChange({ ...place, runs })}
      />
      <CompactSelect
        label="Appliance"
        value={place.applianceId}
        options={[
          { value: '', text: 'any appliance' },
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
          options={[{ value: '', text: 'any tenant' }, ...clientIds.map((id) => ({ value: id, text: id }))]}
          onChange={(clientId) => onChange({ ...place, clientId })}
        />
      )}
    </fieldset>
  );
}
