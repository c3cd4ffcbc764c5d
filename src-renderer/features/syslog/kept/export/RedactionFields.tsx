import type { RedactionChoice } from '../../../../../src-shared/contract/logExport.ts';
import {
  redactionKindNames,
  redactionKinds,
  type RedactionKind,
} from '../../../../../src-shared/model/syslog/redact/redactionRules.ts';
import { CheckField, TextArea, TextField } from '../../../../ui/form/Fields.tsx';
import { Chips } from '../../../../ui/layout/Lists.tsx';
import layout from '../../../../ui/layout/layout.module.css';
import styles from './export.module.css';

/** What the fields hold. Own rules stand one a line, names between commas. */
export type RedactionText = { kinds: ReadonlySet<RedactionKind>; custom: string; users: string };

export const firstRedaction: RedactionText = {
  kinds: new Set(['privateKeys', 'tokens']),
  custom: '',
  users: '',
};

const listOf = (text: string, separator: RegExp): string[] =>
  text
    .split(separator)
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** Own rules and names count as chosen when they are typed. */
export function readRedaction({ kinds, custom, users }: RedactionText): RedactionChoice {
  const rules = listOf(custom, /\n/u);
  const names = listOf(users, /[,\n]/u);
  const chosen = new Set(kinds);
  if (rules.length > 0) chosen.add('custom');
  if (names.length > 0) chosen.add('users');
  return { kinds: [...chosen], custom: rules, users: names };
}

const offered = redactionKindNames.filter((kind) => kind !== 'custom');

/** Which values are hidden. */
export function RedactionFields({
  value,
  onChange,
}: {
  value: RedactionText;
  onChange: (value: RedactionText) => void;
}) {
  const { kinds } = value;
  const toggle = (kind: RedactionKind, isOn: boolean): void =>
    onChange({
      ...value,
      kinds: new Set(isOn ? [...kinds, kind] : [...kinds].filter((one) => one !== kind)),
    });
  return (
    <div className={layout.stack}>
      <Chips label="Hide values">
        <div className={styles.kinds}>
          {offered.map((kind) => (
            <CheckField
              key={kind}
              label={redactionKinds[kind].label}
              description={redactionKinds[kind].meaning}
              checked={kinds.has(kind)}
              onChange={(isOn) => toggle(kind, isOn)}
            />
          ))}
        </div>
      </Chips>
      <TextArea
        label="Own rules, one regular expression a line"
        rows={2}
        value={value.custom}
        onChange={(custom) => onChange({ ...value, custom })}
      />
      <TextField
        label="Further user names, between commas"
        value={value.users}
        onChange={(users) => onChange({ ...value, users })}
      />
    </div>
  );
}
