import { useState } from 'react';
import { useUnsavedKey } from '../../../state/unsavedKeys.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { CheckField } from '../../../ui/form/Fields.tsx';
import { saveText } from '../../../ui/text/saveText.ts';
import { copiedWords, copySecret, type SecretCopy } from './copySecret.ts';
import styles from './changes.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const copyWords: Record<SecretCopy, string> = {
  ...copiedWords,
  refused: 'The browser blocked the clipboard. Save the key as a file instead.',
};

/**
 * A generated private key, which can be seen only here. The document contains its text only while it is
 * shown.
 */
export function PrivateKeyCard(props: {
  clientId: string;
  privateKey: string;
  isSaved: boolean;
  onSaved: (isSaved: boolean) => void;
  /** Whether the user tried to close before confirming that the key is saved. */
  isPressed: boolean;
}) {
  const { clientId, privateKey } = props;
  const [isShown, setIsShown] = useState(false);
  const [isDownloaded, setIsDownloaded] = useState(false);
  const [copied, setCopied] = useState<SecretCopy | null>(null);
  const fileName = `${clientId}_ed25519`;
  useUnsavedKey(!props.isSaved);
  return (
    <Card title={`Private key of ${clientId}`} tone="warn" label="Private key">
      <div className={layout.stack}>
        <p>
          This is the only copy. It was generated on the appliance, is stored nowhere, and{' '}
          <span className={textStyles.strong}>can’t be shown again</span>. If it is lost, rotate the key.
        </p>
        {isShown ? (
          <pre className={`${textStyles.machine} ${styles.keyBlock}`} aria-label="Private key">
            {privateKey}
          </pre>
        ) : (
          <pre className={textStyles.machine} aria-label="Private key, hidden">
            {'•'.repeat(48)}
          </pre>
        )}
        <div className={`${layout.row} ${layout.wrap}`}>
          <Button onClick={() => setIsShown(!isShown)}>{isShown ? 'Hide' : 'Show'}</Button>
          <Button
            onClick={() => {
              void copySecret(privateKey).then(setCopied);
            }}
          >
            Copy
          </Button>
          <Button
            kind="primary"
            onClick={() => {
              saveText({ name: fileName, type: 'application/octet-stream', text: withNewline(privateKey) });
              setIsDownloaded(true);
            }}
          >
            Save as file
          </Button>
        </div>
        {copied === null ? null : <p className={textStyles.sub}>{copyWords[copied]}</p>}
        <p className={textStyles.sub}>
          {isDownloaded ? 'Saved as' : 'The file will be named'}{' '}
          <span className={textStyles.mono}>{fileName}</span>. A browser can’t set file permissions, so run{' '}
          <span className={`${textStyles.mono} ${textStyles.strong}`}>chmod 600 {fileName}</span>: Connect and
          ssh refuse a key that others can read.
        </p>
        <CheckField label="I have saved it" checked={props.isSaved} onChange={props.onSaved} />
        {props.isPressed && !props.isSaved ? (
          <p className={form.kitError} role="alert">
            Save the key first. If you close now, it’s lost.
          </p>
        ) : null}
      </div>
    </Card>
  );
}

/** OpenSSH rejects a key file whose last line has no line end. */
function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
