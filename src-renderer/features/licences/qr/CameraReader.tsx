import { useEffect, useRef, useState } from 'react';
import { createQrReader, type QrProgress } from '../../../../src-shared/model/licence/qrFrames.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { readVideoFrame } from './readQr.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './qr.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** Twice as often as frames change, so that none is skipped. */
const readEveryMs = 80;

const failures: Record<string, string> = {
  NotAllowedError: 'The camera is not permitted. Permit it in the browser, or use a file.',
  NotFoundError: 'This computer has no camera. Use a file or an image of the code.',
  NotReadableError: 'Another program uses the camera. Close it, then try again.',
};

function describeFailure(thrown: unknown): string {
  const name = thrown instanceof DOMException ? thrown.name : '';
  return failures[name] ?? 'The camera can’t be opened. Use a file or an image of the code.';
}

/** Switches the camera on while shown, and calls `onText` once with the document that it reads. */
export function CameraReader({ onText, onClose }: { onText: (text: string) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [progress, setProgress] = useState<QrProgress | null>(null);
  const latest = useRef(onText);
  useEffect(() => {
    latest.current = onText;
  });
  useEffect(() => {
    const reader = createQrReader();
    let stream: MediaStream | null = null;
    let isStopped = false;
    let timer: ReturnType<typeof setInterval> | undefined;
    const stop = (): void => {
      isStopped = true;
      clearInterval(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    const readFrame = (): void => {
      const code = video.current === null ? null : readVideoFrame(video.current);
      if (code === null || isStopped) return;
      const next = reader.read(code);
      setProgress(next);
      if (next.state === 'complete') {
        stop();
        latest.current(next.text);
      }
    };
    const start = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: 'environment', width: { ideal: 1280 } },
      });
      if (isStopped || video.current === null) {
        stop();
        return;
      }
      video.current.srcObject = stream;
      await video.current.play();
      timer = setInterval(readFrame, readEveryMs);
    };
    start().catch((thrown: unknown) => setFailure(describeFailure(thrown)));
    return stop;
  }, []);
  return (
    <div className={layout.stack}>
      {failure === null ? (
        <video ref={video} className={styles.video} muted playsInline aria-label="Camera picture" />
      ) : (
        <p role="alert">{failure}</p>
      )}
      <output className={textStyles.sub}>{failure === null ? <Progress progress={progress} /> : null}</output>
      <div className={layout.row}>
        <Button small onClick={onClose}>
          Switch the camera off
        </Button>
      </div>
    </div>
  );
}

function Progress({ progress }: { progress: QrProgress | null }) {
  if (progress === null) return <>Hold the QR code in front of the camera.</>;
  if (progress.state === 'complete') return <>Read.</>;
  return (
    <>
      {progress.seen} of {progress.chunks} parts read. Keep the code in front of the camera.
      <progress
        className={styles.progress}
        value={progress.seen}
        max={progress.chunks}
        aria-label="Parts read"
      />
    </>
  );
}
