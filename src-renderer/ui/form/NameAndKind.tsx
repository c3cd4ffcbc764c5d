import { SelectField, TextField } from './Fields.tsx';

/** The first two fields of something that has a name and is of one of several kinds. */
export function NameAndKind<Kind extends string>({
  name,
  onName,
  kind,
  onKind,
  kinds,
  labelOf,
}: {
  name: string;
  onName: (name: string) => void;
  kind: Kind;
  onKind: (kind: Kind) => void;
  kinds: readonly Kind[];
  labelOf: (kind: Kind) => string;
}) {
  return (
    <>
      <TextField
        label="Name"
        value={name}
        onChange={onName}
        placeholder="ops"
        description="a-z, 0-9, dot, dash or underscore"
        hasInitialFocus
      />
      <SelectField
        label="Kind"
        value={kind}
        onChange={(chosen) => onKind(kinds.find((known) => known === chosen) ?? kind)}
        options={kinds.map((value) => ({ value, label: labelOf(value) }))}
      />
    </>
  );
}
