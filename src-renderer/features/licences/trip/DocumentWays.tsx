import { useState } from 'react';
import { documentTypes, type DocumentType } from '../../../../src-shared/model/licence/documents.ts';
import { maxStaticQrBytes } from '../../../../src-shared/model/licence/qrFrames.ts';
import type { TripView, TripWay } from '../../../../src-shared/model/licence/trip.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { copyText } from '../../../ui/text/copy.ts';
import { MachineBlock } from '../../../ui/text/Machine.tsx';
import { saveText } from '../../../ui/text/saveText.ts';
import { DocumentQr } from '../qr/QrCode.tsx';
import { PrintSheet } from './PrintSheet.tsx';
import { fileStem } from './tripLabels.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

type Props = {
  view: TripView;
  type: Extract<DocumentType, 'request' | 'receipt'>;
  text: string;
  /** Called with each way that is used. */
  onUse: (way: TripWay) => void;
};

/** The QR code of a request or receipt. */
export function QrCard({ view, type, text, onUse }: Props) {
  const isStatic = text.length <= maxStaticQrBytes;
  return (
    <Card
      title="Scan with a phone or tablet"
      label="QR code"
      aside={
        <span className={`${textStyles.mono} ${textStyles.faint}`}>
          {isStatic ? '1 code' : 'animated'}, {text.length} bytes
        </span>
      }
    >
      <div className={layout.stack}>
        <DocumentQr
          text={text}
          fileName={`${fileStem(view.name)}.${type}`}
          label={`QR code of the ${type} ${view.name}`}
          onShown={() => onUse('qr')}
        />
        <ol className={styles.hints}>
          <li>
            Scan with any camera app. The code holds only the {type}
            {type === 'request' ? ' shown beside it' : ''}.
          </li>
          <li>Send the text to your vendor, or paste it on the vendor’s upload page.</li>
          {type === 'request' ? <li>Bring back the answer as a file, text or QR code.</li> : null}
        </ol>
      </div>
    </Card>
  );
}

/** The other ways: a file, text to paste, a printed sheet. */
export function WaysCard({ view, type, text, onUse }: Props) {
  const [isTextShown, setIsTextShown] = useState(false);
  const [isPrinting, setIsPrinting] = useState(false);
  const fileName = `${fileStem(view.name)}.${type}.jws`;
  return (
    <Card title="Or take it another way" label="Other ways">
      <div className={layout.stack}>
        <div className={styles.ways}>
          <section aria-label="File">
            <h3>File</h3>
            <p>Save to a USB stick. The vendor uploads or attaches it.</p>
            <span className={`${textStyles.mono} ${textStyles.faint} ${textStyles.clip}`}>{fileName}</span>
            <Button
              small
              onClick={() => {
                saveText({ name: fileName, type: documentTypes[type], text: `${text}\n` });
                onUse('file');
              }}
            >
              Save file…
            </Button>
          </section>
          <section aria-label="Text">
            <h3>Text</h3>
            <p>Paste into an e-mail, a ticket or the vendor’s upload page.</p>
            <span className={`${textStyles.mono} ${textStyles.faint} ${textStyles.clip}`}>
              {text.slice(0, 24)}…
            </span>
            <div className={layout.row}>
              <Button
                small
                onClick={() => {
                  copyText(text, `Text of the ${type} copied`);
                  onUse('text');
                }}
              >
                Copy text
              </Button>
              <Button small kind="quiet" onClick={() => setIsTextShown(!isTextShown)}>
                {isTextShown ? 'Hide' : 'Show'}
              </Button>
            </div>
          </section>
          <section aria-label="Printed sheet">
            <h3>Printed sheet</h3>
            <p>One A4 page: code, text, checklist and space for a signature.</p>
            <Button
              small
              onClick={() => {
                setIsPrinting(true);
                onUse('sheet');
              }}
            >
              Print sheet…
            </Button>
          </section>
        </div>
        {isTextShown ? <MachineBlock text={text} label={`Text of the ${type}`} /> : null}
        {isPrinting ? (
          <PrintSheet view={view} type={type} text={text} onPrinted={() => setIsPrinting(false)} />
        ) : null}
      </div>
    </Card>
  );
}
