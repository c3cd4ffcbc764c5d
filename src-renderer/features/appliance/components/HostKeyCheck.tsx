import { useEffect, useRef, useState } from 'react';
import { CheckField, TextField } from '../../../ui/form/Fields.tsx';
import { CopyLine } from '../../../ui/text/CopyLine.tsx';
import { Fingerprint } from '../../../ui/text/Machine.tsx';
import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { compareHostKey, describeKnownHosts, type OfferedHostKey } from '../hostKeyComparison.ts';
import styles from '../appliance.module.css';
import feedback from '../../../ui/feedback/feedback.module.css';
import text from '../../../ui/text/text.module.css';

const fingerprintCommand = 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub';

/** The fingerprint that the operator typed, and the result of comparing it with the offered key. */
export function useHostKeyCheck(key: OfferedHostKey | null) {
  const [typed, setTyped] = useState({ expected: '', isComparedByEye: false });
  return {
    typed,
    change: (part: Partial<typeof typed>) => setTyped((current) => ({ ...current, ...part })),
    reset: () => setTyped({ expected: '', isComparedByEye: false }),
    comparison: key === null ? null : compareHostKey(key, typed),
  };
}
type HostKeyCheckState = ReturnType<typeof useHostKeyCheck>;

/**
 * Shows a fingerprint and ways to compare it. Pins nothing: the surrounding form has the button for that.
 */
export function HostKeyCheck({
  hop,
  hostKey,
  check,
  isFramed = true,
  mayAccept = true,
}: {
  hop: string;
  hostKey: OfferedHostKey;
  check: HostKeyCheckState;
  isFramed?: boolean;
  /** False for users who may see the key but not accept it. */
  mayAccept?: boolean;
}) {
  const { offered, pinned } = hostKey;
  const isOther = pinned !== null && pinned.fingerprint !== offered.fingerprint;
  const known = describeKnownHosts(hostKey.knownHosts);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section
      ref={section}
      className={styles.hostKey}
      aria-label={`Host key of ${hop}`}
      data-accepted={check.comparison?.canAccept === true}
      data-framed={isFramed}
    >
      <p>
        <span className={`${text.mono} ${text.strong}`}>{hop}</span> offers this{' '}
        <span className={text.mono}>{offered.type}</span> host key:
      </p>
      <Fingerprint value={offered.fingerprint} label="Offered fingerprint" />
      {isOther ? (
        <>
          <p className={feedback.word} data-tone="bad">
            This is not the key pinned for this address on {pinned.pinnedAt.slice(0, 10)} by {pinned.pinnedBy}
            :
          </p>
          <Fingerprint value={pinned.fingerprint} label="Pinned fingerprint" />
        </>
      ) : null}
      {known === null ? null : (
        <p className={feedback.word} data-tone={known.tone}>
          {visibleText(known.text)}
        </p>
      )}
      {mayAccept ? <ExpectedKeyFields check={check} /> : null}
    </section>
  );
}

function ExpectedKeyFields({ check }: { check: HostKeyCheckState }) {
  const { typed, change, comparison } = check;
  return (
    <>
      <TextField
        label="Paste the fingerprint you expect"
        value={typed.expected}
        onChange={(expected) => change({ expected })}
        placeholder="SHA256:…"
        machine
        hasInitialFocus
      />
      {comparison === null ? null : (
        <output className={`${feedback.word} ${text.strong}`} data-tone={comparison.tone}>
          {comparison.canAccept ? '✓ ' : comparison.tone === 'bad' ? '✕ ' : ''}
          {comparison.text}
        </output>
      )}
      {typed.expected.trim() === '' ? (
        <CheckField
          label="I compared every character by eye"
          checked={typed.isComparedByEye}
          onChange={(isComparedByEye) => change({ isComparedByEye })}
        />
      ) : null}
      <p className={text.sub}>Get it from the appliance’s owner, or on the appliance’s own screen with</p>
      <CopyLine text={fingerprintCommand} label="Command that shows the fingerprint" />
    </>
  );
}
