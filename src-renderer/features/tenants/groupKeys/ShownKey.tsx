import { useState } from 'react';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { toErrorData } from '../../../rpc/errors.ts';
import { ErrorNotice, Skeleton } from '../../../ui/feedback/States.tsx';
import { Button } from '../../../ui/layout/Button.tsx';
import { copiedWords, copySecret, type SecretCopy } from '../changes/copySecret.ts';
import type { useShowGroupKey } from './queries.ts';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

const copyWords: Record<SecretCopy, string> = {
  ...copiedWords,
  refused: 'The browser blocked the clipboard. Select the key and copy it.',
};

/** One key in clear text. It leaves the document when the dialog closes. */
export function ShownKey({ show }: { show: ReturnType<typeof useShowGroupKey> }) {
  const [copied, setCopied] = useState<SecretCopy | null>(null);
  if (show.error !== null) return <ErrorNotice error={toErrorData(show.error)} />;
  if (show.data === undefined) return <Skeleton lines={2} />;
  const { key } = show.data;
  return (
    <div className={layout.stack}>
      <pre className={textStyles.machine} aria-label="Group key">
        {visibleText(key)}
      </pre>
      <div className={`${layout.row} ${layout.wrap}`}>
        <Button onClick={() => void copySecret(key).then(setCopied)}>Copy</Button>
        <output className={textStyles.sub}>
          {copied === null
            ? 'The audit trail and the appliance’s log say that you saw it.'
            : copyWords[copied]}
        </output>
      </div>
    </div>
  );
}
