import { useState } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import {
  holdsPrivateKey,
  maxPublicKey,
  readPublicKey,
} from '../../../../src-shared/model/tenants/publicKey.ts';
import type { KeySource } from '../../../../src-shared/model/tenants/tenantPlan.ts';
import { ChoiceField } from '../../../ui/form/ChoiceField.tsx';
import { FileField } from '../../../ui/form/FileField.tsx';
import { Fingerprint } from '../../../ui/text/Machine.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

export type KeyForm = { from: KeySource['from']; text: string };
export const emptyKeyForm: KeyForm = { from: 'given', text: '' };

/** The key as the console's RPC expects it, or the message that says what is wrong with the form. */
export function readKeyForm(form: KeyForm): { key: KeySource } | { error: string } {
  if (form.from === 'generated') return { key: { from: 'generated' } };
  if (form.text.trim() === '') return { error: 'Enter the tenant’s public key.' };
  const { problem } = readPublicKey(form.text);
  if (problem !== null) return { error: `Not a public key: ${problem}.` };
  return { key: { from: 'given', publicKey: form.text.trim() } };
}

const sources = [
  {
    value: 'given',
    label: 'The tenant’s public key',
    description: 'The tenant created the pair and keeps the private key.',
  },
  {
    value: 'generated',
    label: 'Generate a key pair on the appliance',
    description: 'The private key is shown once. Send it to the tenant securely.',
  },
] as const;

const privateKeyWords =
  'That’s a private key, so it was discarded. Paste the .pub file instead. If anyone else saw this key, create a new pair.';

/** Source of the key: a pasted public key, or a pair that the appliance generates. */
export function KeySourceFields(props: {
  form: KeyForm;
  onChange: (form: KeyForm) => void;
  error?: string | undefined;
  hasInitialFocus?: boolean;
}) {
  const { form, onChange } = props;
  const [refused, setRefused] = useState<string | null>(null);
  const read = form.text.trim() === '' ? null : readPublicKey(form.text);
  const own = read === null || read.problem === null ? undefined : `Not a public key: ${read.problem}.`;
  return (
    <>
      <ChoiceField
        label="Key"
        value={form.from}
        onChange={(from) => onChange({ ...form, from })}
        options={sources}
      />
      {form.from === 'generated' ? null : (
        <FileField
          label="Public key"
          value={form.text}
          onText={(text) => {
            setRefused(holdsPrivateKey(text) ? privateKeyWords : null);
            onChange({ ...form, text: holdsPrivateKey(text) ? '' : text });
          }}
          onRefused={setRefused}
          maxBytes={maxPublicKey}
          accept=".pub,text/plain"
          placeholder="ssh-ed25519 AAAA… tenant@site"
          description="One line in OpenSSH format, as written by ssh-keygen"
          error={refused ?? own ?? props.error}
          hasInitialFocus={props.hasInitialFocus ?? false}
        />
      )}
      {form.from === 'generated' || read === null || read.key === null ? null : (
        <section className={`${layout.stack} ${layout.tight}`} aria-label="Key details">
          <p>
            <span className={`${textStyles.mono} ${textStyles.strong}`}>{read.key.type}</span>
            {read.key.comment === null ? (
              <span className={textStyles.sub}> no comment</span>
            ) : (
              <span className={textStyles.sub}> {visibleText(read.key.comment)}</span>
            )}
          </p>
          <Fingerprint value={read.key.fingerprint} label="Fingerprint" />
        </section>
      )}
    </>
  );
}
