import { useEffect, useMemo, useRef } from 'react';
import { createPortal } from 'react-dom';
import { createQrFrames } from '../../../../src-shared/model/licence/qrFrames.ts';
import type { TripView } from '../../../../src-shared/model/licence/trip.ts';
import { formatInstant } from '../../../../src-shared/base/time.ts';
import { formatLocal } from '../../../ui/feedback/Moment.tsx';
import { encodeModules } from '../../../../src-shared/model/licence/qrModules.ts';
import { QrImage } from '../qr/QrCode.tsx';
import styles from './trip.module.css';

const checklists = {
  request: [
    'Send the text, or a photo of the code, to the vendor',
    'Name the order or the quote',
    'Bring back the answer as a file, text or QR code',
    'Keep this renewal open: a newer request makes this one void',
  ],
  receipt: ['Send the text, or a photo of the code, to the vendor', 'Keep a copy with the order'],
};

/** Prints one page in place of the console. Shown only while it is printed. */
export function PrintSheet({
  view,
  type,
  text,
  onPrinted,
}: {
  view: TripView;
  type: 'request' | 'receipt';
  text: string;
  onPrinted: () => void;
}) {
  const latest = useRef(onPrinted);
  useEffect(() => {
    latest.current = onPrinted;
  });
  useEffect(() => {
    const done = (): void => latest.current();
    window.addEventListener('afterprint', done, { once: true });
    window.print();
    return () => window.removeEventListener('afterprint', done);
  }, []);
  const frames = useMemo(() => createQrFrames(text), [text]);
  const { trip, requestPayload } = view;
  const expiresAt = trip.installed.expiresAt;
  return createPortal(
    <article className={styles.sheet} data-testid="sheet">
      <h1>
        Licence {type} {view.name}
      </h1>
      <p>
        Appliance {trip.applianceName}, identity {trip.applianceId}. Request {requestPayload.number}, made{' '}
        {formatInstant(requestPayload.madeAt)} ({formatLocal(requestPayload.madeAt)} local time) by{' '}
        {trip.openedBy}.
        {expiresAt === null ? '' : ` The installed licence expires ${formatInstant(expiresAt)}.`}
      </p>
      {frames.isStatic ? (
        <QrImage modules={encodeModules(text)} label={`QR code of the ${type}`} />
      ) : (
        <p>This document is too long for one QR code. Use the text or the file.</p>
      )}
      <h2>Text</h2>
      <pre>{text}</pre>
      <h2>Checklist</h2>
      <ul>
        {checklists[type].map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
      <p className={styles.signature}>
        Carried by: ______________________ Date: ______________ Signature: ______________________
      </p>
    </article>,
    document.body,
  );
}
