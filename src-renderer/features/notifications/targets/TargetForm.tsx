import { useState } from 'react';
import {
  newTargetSchema,
  targetKindNames,
  targetKinds,
  type TargetFile,
  type TargetKind,
} from '../../../../src-shared/model/notifications/targets.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice } from '../../../ui/feedback/States.tsx';
import { TextField } from '../../../ui/form/Fields.tsx';
import { Form } from '../../../ui/form/Form.tsx';
import { NameAndKind } from '../../../ui/form/NameAndKind.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { useChangeTargets } from './useTargets.ts';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const fileLabels: Record<TargetFile, string> = {
  addressFile: 'File with the address, if it is a secret',
  secretFile: 'File with the secret of the signature',
  tokenFile: 'File with a bearer token',
  caFile: 'Certificates to trust',
  certificateFile: 'This computer’s certificate',
  keyFile: 'Its key',
};
const noFiles: Partial<Record<TargetFile, string>> = {};

/** A new target. Its secrets stay in files of the console's computer. */
export function TargetForm({ onDone }: { onDone: () => void }) {
  const change = useChangeTargets();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<TargetKind>('webhook');
  const [address, setAddress] = useState('');
  const [files, setFiles] = useState(noFiles);
  const facts = targetKinds[kind];
  const target = newTargetSchema.safeParse({
    name,
    kind,
    address: facts.address === null ? '' : address.trim(),
    ...Object.fromEntries(facts.files.map((file) => [file, files[file]?.trim() || null])),
  });
  const add = (): void => {
    if (!target.success) return;
    change.mutate((targets) => targets.addTarget({ target: target.data }), { onSuccess: onDone });
  };
  return (
    <Form className={layout.stack} aria-label="New target" onSubmit={add}>
      <NameAndKind
        name={name}
        onName={setName}
        kind={kind}
        onKind={setKind}
        kinds={targetKindNames}
        labelOf={(value) => targetKinds[value].label}
      />
      {facts.address === null ? null : (
        <TextField
          label="Address"
          value={address}
          onChange={setAddress}
          machine
          placeholder={facts.example}
          {...(facts.localWord === null
            ? {}
            : { description: `${facts.localWord} means this computer’s own log.` })}
        />
      )}
      {facts.files.map((file) => (
        <TextField
          key={file}
          label={fileLabels[file]}
          value={files[file] ?? ''}
          onChange={(path) => setFiles((known) => ({ ...known, [file]: path }))}
          machine
          placeholder="none"
        />
      ))}
      <p className={textStyles.sub}>{facts.guarantee}</p>
      {change.error === null ? null : <ErrorNotice error={toErrorData(change.error)} />}
      <div className={layout.row}>
        <Button kind="primary" submit disabled={!target.success} busy={change.isPending}>
          Add target
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </Form>
  );
}
