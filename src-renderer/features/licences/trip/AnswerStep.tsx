import { useId, useRef, useState } from 'react';
import { maxDocumentBytes } from '../../../../src-shared/model/licence/documents.ts';
import { createQrReader } from '../../../../src-shared/model/licence/qrFrames.ts';
import type { TripWay } from '../../../../src-shared/model/licence/trip.ts';
import { decodeText } from '../../../../src-shared/base/textEncoding.ts';
import { Button } from '../../../ui/layout/Button.tsx';
import { Card } from '../../../ui/layout/Card.tsx';
import { TextArea } from '../../../ui/form/Fields.tsx';
import { useFileDrop } from '../../../ui/form/useFileDrop.ts';
import { CameraReader } from '../qr/CameraReader.tsx';
import { readQrImage } from '../qr/readQr.ts';
import { canUseCamera, openWithCamera, wantsCamera } from './camera.ts';
import { NextBar } from './NextBar.tsx';
import type { StepProps } from './stepProps.ts';
import layout from '../../../ui/layout/layout.module.css';
import styles from './trip.module.css';
import textStyles from '../../../ui/text/text.module.css';

const maxFileBytes = 4 * maxDocumentBytes;
const maxImageBytes = 20 * 1024 * 1024;

type Read = { way: TripWay; text: string } | { problem: string };
/** The parts of an animated QR code that were read from pictures so far. */
type PictureReader = ReturnType<typeof createQrReader>;

/** The text of a file, or of the QR code in an image. Never rejects. */
async function readFile(file: File, pictures: PictureReader): Promise<Read> {
  const isImage = file.type.startsWith('image/');
  if (file.size > (isImage ? maxImageBytes : maxFileBytes))
    return { problem: `${file.name} is too large for an answer.` };
  try {
    if (!isImage) return { way: 'file', text: decodeText(new Uint8Array(await file.arrayBuffer())) };
    const text = await readQrImage(file);
    if (text === null)
      return { problem: `${file.name} has no readable QR code. Take the picture closer and straighter.` };
    const progress = pictures.read(text);
    return progress.state === 'complete'
      ? { way: 'qr', text: progress.text }
      : {
          problem: `${file.name} is one picture of an animated code: ${progress.seen} of ${progress.chunks} parts read. Add pictures of the others, or use the camera.`,
        };
  } catch {
    return { problem: `${file.name} can’t be read.` };
  }
}

/** Reads the vendor’s answer: from a file, pasted text, an image of a QR code, or the camera. */
export function AnswerStep({ view, actions, isOpen, onShow }: StepProps) {
  const { trip } = view;
  const { readAnswer } = actions;
  const [pasted, setPasted] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const pictures = useRef<PictureReader>(null);
  const read = (result: Read): void => {
    setProblem('problem' in result ? result.problem : null);
    if ('problem' in result) return;
    readAnswer.mutate({ tripId: trip.id, ...result }, { onSuccess: () => onShow('verify') });
  };
  const readFiles = async (files: readonly File[]): Promise<void> => {
    pictures.current ??= createQrReader();
    let result: Read | null = null;
    for (const file of files) {
      result = await readFile(file, pictures.current);
      if (!('problem' in result)) break;
    }
    if (result !== null) read(result);
  };
  if (!isOpen) return <p className={textStyles.sub}>This renewal has ended.</p>;
  return (
    <>
      <NextBar
        next="choose the file that the vendor sent, paste its text, or show its QR code. It is verified and compared on this computer."
        touches={`Nothing is sent to ${trip.applianceName}.`}
        error={readAnswer.error}
      >
        {readAnswer.isPending ? <span className={textStyles.sub}>Verifying…</span> : null}
      </NextBar>
      {problem === null ? null : (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      <div className={styles.answer}>
        <FileCard onFiles={(files) => void readFiles(files)} />
        <Card title="Text" label="Text">
          <div className={layout.stack}>
            <TextArea
              label="Answer as text"
              rows={6}
              value={pasted}
              onChange={setPasted}
              description="Paste the whole message; the answer is found in it, also if lines are wrapped or quoted."
            />
            <div className={layout.row}>
              <Button
                kind="primary"
                disabled={pasted.trim() === ''}
                busy={readAnswer.isPending}
                onClick={() => read({ way: 'text', text: pasted.slice(0, maxFileBytes) })}
              >
                Read the text
              </Button>
            </div>
          </div>
        </Card>
        <CameraCard onText={(text) => read({ way: 'qr', text })} />
      </div>
    </>
  );
}

function FileCard({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const chooser = useRef<HTMLInputElement>(null);
  const id = useId();
  const drop = useFileDrop((file) => onFiles([file]));
  return (
    <Card title="File or image" label="File or image">
      <div className={styles.drop} {...drop}>
        <p>Drop the answer here: the vendor’s file, or a picture of its QR code.</p>
        <Button kind="primary" onClick={() => chooser.current?.click()}>
          Choose file…
        </Button>
        <label className={layout.srOnly} htmlFor={id}>
          Answer as a file
        </label>
        <input
          id={id}
          ref={chooser}
          type="file"
          multiple
          className={layout.srOnly}
          tabIndex={-1}
          onChange={(event) => {
            onFiles([...(event.currentTarget.files ?? [])]);
            // So that the same file can be chosen again.
            event.currentTarget.value = '';
          }}
        />
      </div>
    </Card>
  );
}

function CameraCard({ onText }: { onText: (text: string) => void }) {
  const [isOn, setIsOn] = useState(wantsCamera);
  return (
    <Card title="Camera" label="Camera">
      {isOn ? (
        <CameraReader
          onText={(text) => {
            setIsOn(false);
            onText(text);
          }}
          onClose={() => setIsOn(false)}
        />
      ) : (
        <div className={layout.stack}>
          <p className={textStyles.sub}>
            Reads the QR code, also an animated one, from a screen or from paper. The camera is off until you
            switch it on, and pictures stay on this computer.
          </p>
          <div className={layout.row}>
            <Button onClick={() => (canUseCamera() ? setIsOn(true) : openWithCamera())}>
              Use the camera…
            </Button>
          </div>
        </div>
      )}
    </Card>
  );
}
