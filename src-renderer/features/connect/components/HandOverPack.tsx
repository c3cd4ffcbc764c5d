import { useState } from 'react';
import { Button } from '../../../ui/layout/Button.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { MachineBlock } from '../../../ui/text/Machine.tsx';
import { saveBytes } from '../../../ui/text/saveText.ts';
import type { useHandOver } from '../queries.ts';
import styles from '../connect.module.css';
import form from '../../../ui/form/form.module.css';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

type PackData = NonNullable<ReturnType<typeof useHandOver>['data']>;

/** The files of a pack, to read, copy and download. */
export function HandOverPack({ pack, onBack }: { pack: PackData; onBack: () => void }) {
  const [isSaved, setIsSaved] = useState(false);
  const [name, setName] = useState(pack.files[0]?.name ?? '');
  const file = pack.files.find((candidate) => candidate.name === name);
  return (
    <div className={layout.stack}>
      <div className={styles.handOverFiles}>
        <nav aria-label="Files">
          {pack.files.map((listed) => (
            <button
              key={listed.name}
              type="button"
              aria-pressed={listed.name === name}
              onClick={() => setName(listed.name)}
            >
              {listed.name}
            </button>
          ))}
        </nav>
        {file === undefined ? null : (
          <div className={styles.handOverFile}>
            <MachineBlock text={file.text} label={file.name} />
            <div className={layout.row}>
              <span
                className={`${layout.grow} ${textStyles.clip} ${textStyles.mono} ${textStyles.faint}`}
                title={`SHA-256 ${file.sha256}`}
              >
                sha256 {file.sha256}
              </span>
              <Button small onClick={() => copyText(file.text, `${file.name} copied`)}>
                Copy {file.name}
              </Button>
            </div>
          </div>
        )}
      </div>
      <div className={form.formActions}>
        <output className={`${textStyles.sub} ${layout.grow}`}>
          {isSaved
            ? `Downloaded ${pack.archive.name} with ${pack.files.length} files. Send the private key separately.`
            : 'The pack holds no secrets. Send the private key separately.'}
        </output>
        <Button onClick={onBack}>Back</Button>
        <Button
          kind="primary"
          onClick={() => {
            saveBytes({ name: pack.archive.name, type: 'application/zip', base64: pack.archive.base64 });
            setIsSaved(true);
          }}
        >
          Download {pack.archive.name}
        </Button>
      </div>
    </div>
  );
}
