import { useState } from 'react';
import {
  credentialKinds,
  credentialNameSchema,
  secretParts,
  type CredentialKind,
  type SecretValues,
  type UsedCredential,
} from '../../../src-shared/model/secrets/credential.ts';
import { credentialKindNames } from '../../../src-shared/model/secrets/credentialKindNames.ts';
import { toErrorData } from '../../rpc/errors.ts';
import { ErrorNotice } from '../../ui/feedback/States.tsx';
import { SecretField, TextField } from '../../ui/form/Fields.tsx';
import { Form } from '../../ui/form/Form.tsx';
import { NameAndKind } from '../../ui/form/NameAndKind.tsx';
import { Button } from '../../ui/layout/Button.tsx';
import { useChangeSecrets } from './useSecrets.ts';
import layout from '../../ui/layout/layout.module.css';
import text from '../../ui/text/text.module.css';

const noValues: SecretValues = {};

/** A field for each secret of a kind. They are kept in this state only, and cleared when they are sent. */
function useSecretFields(kind: CredentialKind) {
  const [values, setValues] = useState(noValues);
  const { parts } = credentialKinds[kind];
  const entered: SecretValues = Object.fromEntries(
    parts.flatMap((part) =>
      values[part] === undefined || values[part] === '' ? [] : [[part, values[part]]],
    ),
  );
  return {
    values: entered,
    count: Object.keys(entered).length,
    isComplete: Object.keys(entered).length === parts.length,
    clear: () => setValues(noValues),
    fields: parts.map((part) => (
      <SecretField
        key={part}
        label={secretParts[part].label}
        value={values[part] ?? ''}
        onChange={(value) => setValues((known) => ({ ...known, [part]: value }))}
      />
    )),
  };
}

export function AddCredentialForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [userName, setUserName] = useState('');
  const [kind, setKind] = useState<CredentialKind>('password');
  const secrets = useSecretFields(kind);
  const add = useChangeSecrets();
  const isUsable = credentialNameSchema.safeParse(name).success && secrets.isComplete;
  const send = (): void => {
    const { values } = secrets;
    secrets.clear();
    const user = userName.trim();
    add.change(
      (client) => client.addCredential({ name, kind, userName: user === '' ? null : user, values }),
      { onDone },
    );
  };
  return (
    <Form className={layout.stack} aria-label="New credential" onSubmit={send}>
      <NameAndKind
        name={name}
        onName={setName}
        kind={kind}
        onKind={setKind}
        kinds={credentialKindNames}
        labelOf={(value) => credentialKinds[value].label}
      />
      <TextField
        label="Only for the user"
        value={userName}
        onChange={setUserName}
        machine
        placeholder="any"
      />
      {secrets.fields}
      {add.error === null ? null : <ErrorNotice error={toErrorData(add.error)} />}
      <div className={layout.row}>
        <Button kind="primary" submit disabled={!isUsable} busy={add.isPending}>
          Add credential
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </Form>
  );
}

export function RotateCredentialForm({
  credential,
  onDone,
}: {
  credential: UsedCredential;
  onDone: () => void;
}) {
  const { name, kind, users } = credential;
  const secrets = useSecretFields(kind);
  const rotate = useChangeSecrets();
  const send = (): void => {
    const { values } = secrets;
    secrets.clear();
    rotate.change((client) => client.rotateCredential({ name, values }), { onDone });
  };
  return (
    <Form className={layout.stack} aria-label={`Rotate ${name}`} onSubmit={send}>
      <p className={text.sub}>
        {users.length === 0
          ? 'No appliance uses it.'
          : `The next sign-ins to ${users.join(', ')} use the new secret. Change it there first.`}
      </p>
      {secrets.fields}
      {rotate.error === null ? null : <ErrorNotice error={toErrorData(rotate.error)} />}
      <div className={layout.row}>
        <Button kind="primary" submit disabled={secrets.count === 0} busy={rotate.isPending}>
          Rotate
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </Form>
  );
}

/** Asks before a secret is deleted, and says why one that is used can't be. */
export function RemoveCredentialForm({
  credential: { name, users },
  onDone,
}: {
  credential: UsedCredential;
  onDone: () => void;
}) {
  const remove = useChangeSecrets();
  const isUsed = users.length > 0;
  return (
    <Form
      className={layout.stack}
      aria-label={`Remove ${name}`}
      onSubmit={() => remove.change((client) => client.removeCredential({ name }), { onDone })}
    >
      <p>
        {isUsed
          ? `Choose another credential for ${users.join(', ')} first.`
          : 'Its secret is deleted from the vault. Only an earlier copy of the vault has it then.'}
      </p>
      {remove.error === null ? null : <ErrorNotice error={toErrorData(remove.error)} />}
      <div className={layout.row}>
        <Button kind="danger" submit disabled={isUsed} busy={remove.isPending}>
          {isUsed ? 'Remove: in use' : 'Remove'}
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </Form>
  );
}
