import type { ApplianceEntry } from '../../../../src-shared/model/appliance/applianceEntry.ts';
import { connectModeNames } from '../../../../src-shared/model/appliance/connectModeNames.ts';
import { connectModes } from '../../../../src-shared/model/appliance/connectModes.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { SelectField } from '../../../ui/form/Fields.tsx';
import { useApplianceList } from '../../fleet/queries.ts';
import { useSetConnect } from '../queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import text from '../../../ui/text/text.module.css';

const mixed = { value: '', label: 'Mixed' };
const modes = connectModeNames.map((value) => ({ value, label: connectModes[value].label }));

/** When the console connects to the appliances of each group, all of a group at once. */
export function GroupConnections() {
  const appliances = useApplianceList();
  const groups = Map.groupBy(
    (appliances.data ?? []).map(({ entry }) => entry),
    ({ group }) => group,
  );
  if (groups.size === 0) return null;
  return (
    <section className={layout.stack} aria-label="Connection of each group">
      <p className={text.sub}>Each appliance can differ from its group; its form has the same setting.</p>
      {[...groups]
        .toSorted(([left], [right]) => left.localeCompare(right))
        .map(([group, entries]) => (
          <GroupConnection key={group} group={group} entries={entries} />
        ))}
    </section>
  );
}

function GroupConnection({ group, entries }: { group: string; entries: readonly ApplianceEntry[] }) {
  const set = useSetConnect();
  const [first] = entries;
  const common = entries.every(({ connect }) => connect === first?.connect) ? first?.connect : undefined;
  const choose = (value: string): void => {
    const connect = connectModeNames.find((name) => name === value);
    if (connect === undefined) return;
    const ids = entries.flatMap((entry) => (entry.connect === connect ? [] : [entry.id]));
    if (ids.length > 0) set.mutate({ ids, connect });
  };
  return (
    <>
      <SelectField
        label={`${group === '' ? 'Without group' : group} (${entries.length})`}
        value={common ?? ''}
        onChange={choose}
        options={common === undefined ? [mixed, ...modes] : modes}
        disabled={set.isPending}
      />
      {set.error === null ? null : <ErrorNotice error={toErrorData(set.error)} />}
    </>
  );
}
