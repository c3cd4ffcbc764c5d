import type { ApplianceView } from '../../../../src-shared/contract/fleet.ts';
import { removeDuplicateTags, hasTag } from '../../../../src-shared/model/appliance/tags.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { CheckField } from '../../../ui/form/Fields.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { ActionMenu } from '../../../ui/layout/ActionMenu.tsx';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { ToneDot } from '../../../ui/feedback/Tone.tsx';
import { ApplianceMarks } from '../../fleet/components/ApplianceMarks.tsx';
import styles from '../fanOut.module.css';

/** The appliances that take part, one by one or by group and tag. */
export function ApplianceChoice({
  appliances,
  chosen,
  onChange,
}: {
  appliances: readonly ApplianceView[];
  chosen: ReadonlySet<string>;
  onChange: (names: readonly string[]) => void;
}) {
  const names = appliances.map(({ entry }) => entry.name);
  const choose = (isWanted: (view: ApplianceView) => boolean): void =>
    onChange(appliances.filter(isWanted).map(({ entry }) => entry.name));
  const groups = [...new Set(appliances.map(({ entry }) => entry.group))]
    .filter((group) => group !== '')
    .sort();
  const tags = removeDuplicateTags(appliances.flatMap(({ entry }) => entry.tags)).sort();
  return (
    <Card
      title="Appliances"
      label="Appliances"
      aside={
        <ActionMenu
          label="Select appliances"
          plain="Select…"
          actions={[
            { text: 'All', run: () => choose(() => true) },
            { text: 'None', run: () => onChange([]) },
            ...groups.map((group) => ({
              text: `Group ${visibleLine(group)}`,
              run: () => choose(({ entry }) => entry.group === group),
            })),
            ...tags.map((tag) => ({
              text: `Tag ${visibleLine(tag)}`,
              run: () => choose(({ entry }) => hasTag(entry.tags, tag)),
            })),
          ]}
        />
      }
    >
      <div className={styles.choices}>
        <PlainList label="Appliances">
          {appliances.map(({ entry, health, observedAt }) => (
            <li key={entry.id} className={styles.choice}>
              <CheckField
                label={entry.name}
                checked={chosen.has(entry.name)}
                onChange={(isOn) =>
                  onChange(names.filter((name) => (name === entry.name ? isOn : chosen.has(name))))
                }
              />
              <ToneDot tone={health.tone} observedAt={observedAt} label={entry.name} />
              <ApplianceMarks entry={entry} />
            </li>
          ))}
        </PlainList>
      </div>
    </Card>
  );
}
