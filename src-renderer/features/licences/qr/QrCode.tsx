import { useEffect, useMemo, useRef, useState } from 'react';
import { createQrFrames } from '../../../../src-shared/model/licence/qrFrames.ts';
import {
  encodeModules,
  modulesPath,
  type QrModules,
} from '../../../../src-shared/model/licence/qrModules.ts';
import { notify } from '../../../ui/feedback/notify.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { saveBytes } from '../../../ui/text/saveText.ts';
import { drawPixels, isReadable } from './drawQr.ts';
import feedback from '../../../ui/feedback/feedback.module.css';
import layout from '../../../ui/layout/layout.module.css';
import styles from './qr.module.css';

/** Frames a second. Phones read each frame several times at this speed. */
const framesPerSecond = 5;

export function QrImage({ modules, label }: { modules: QrModules; label: string }) {
  const path = useMemo(() => modulesPath(modules), [modules]);
  return (
    <svg
      className={styles.code}
      viewBox={`0 0 ${modules.length} ${modules.length}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={label}
      data-testid="qr"
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** Advances while shown. Chunks of a document must change to be read, so reduced motion does not stop it. */
function useFrame(isStatic: boolean): number {
  const [frame, setFrame] = useState(0);
  useEffect(() => {
    if (isStatic) return;
    const timer = setInterval(() => setFrame((before) => before + 1), 1000 / framesPerSecond);
    return () => clearInterval(timer);
  }, [isStatic]);
  return frame;
}

function savePicture(modules: QrModules, fileName: string): void {
  const { width, height, data } = drawPixels(modules, 6);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const pixels = context?.createImageData(width, height);
  if (context == null || pixels === undefined) {
    notify({ title: 'This browser can’t draw pictures', tone: 'warn' });
    return;
  }
  pixels.data.set(data);
  context.putImageData(pixels, 0, 0);
  const [, base64 = ''] = canvas.toDataURL('image/png').split(',');
  saveBytes({ name: `${fileName}.png`, type: 'image/png', base64 });
}

/** A document as a QR code: one code, or a sequence of frames if it is too long for one. */
export function DocumentQr({
  text,
  fileName,
  label,
  onShown,
}: {
  text: string;
  fileName: string;
  label: string;
  /** Called when the code is enlarged or saved. */
  onShown: () => void;
}) {
  const frames = useMemo(() => createQrFrames(text), [text]);
  const frame = useFrame(frames.isStatic);
  const code = frames.frameAt(frame);
  const modules = useMemo(() => encodeModules(code), [code]);
  const frameBox = useRef<HTMLDivElement>(null);
  return (
    <>
      <div ref={frameBox} className={styles.frame}>
        <QrImage modules={modules} label={label} />
      </div>
      <div className={`${layout.row} ${layout.wrap}`}>
        <Button
          small
          onClick={() => {
            onShown();
            void frameBox.current?.requestFullscreen().catch(() => undefined);
          }}
        >
          Full screen
        </Button>
        {frames.isStatic ? (
          <>
            <Button
              small
              onClick={() => {
                onShown();
                savePicture(modules, fileName);
              }}
            >
              Save as PNG
            </Button>
            <span className={layout.grow} />
            <ReadBack modules={modules} text={text} />
          </>
        ) : (
          <span className={feedback.chip}>
            frame {(frame % frames.chunks) + 1} of {frames.chunks}, {framesPerSecond} a second
          </span>
        )}
      </div>
    </>
  );
}

/** Says that the code was decoded again and holds the document. */
function ReadBack({ modules, text }: { modules: QrModules; text: string }) {
  const [result, setResult] = useState<boolean | null>(null);
  useEffect(() => {
    // After the code is painted, because decoding takes longer than a frame.
    const timer = setTimeout(() => setResult(isReadable(modules, text)), 50);
    return () => clearTimeout(timer);
  }, [modules, text]);
  if (result === null) return null;
  return (
    <span className={feedback.chip} data-tone={result ? 'ok' : 'bad'}>
      {result ? '✓ decoded and checked' : 'can’t be decoded: use another way'}
    </span>
  );
}
