import { AppError } from '../../../../src-shared/errors.ts';

/** A frame of RELP: `TXNR COMMAND DATALEN[ DATA]` and a line feed. */
export type RelpFrame = { transaction: number; command: string; data: Buffer };

/** Longer answers are no RELP **[ours]**. */
const maxAnswerBytes = 128 * 1024;
const headerPattern = /^(\d{1,9}) ([a-z]{1,32}) (\d{1,9})(?: |\n)/u;
const maxHeaderLength = 64;

export function formatRelpFrame({ transaction, command, data }: RelpFrame): Buffer {
  const head = `${transaction} ${command} ${data.length}${data.length === 0 ? '' : ' '}`;
  return Buffer.concat([Buffer.from(head), data, Buffer.from('\n')]);
}

const noRelp = () => new AppError('DESTINATION_REFUSED', 'What the receiver answered is not RELP.');

/** Reads frames from bytes as they come. Throws DESTINATION_REFUSED for bytes that are no RELP. */
export function createRelpReader(): (chunk: Uint8Array) => RelpFrame[] {
  let waiting = Buffer.alloc(0);

  function takeFrame(): RelpFrame | null {
    const head = waiting.toString('latin1', 0, maxHeaderLength);
    const match = headerPattern.exec(head);
    if (match === null) {
      if (waiting.length >= maxHeaderLength || head.includes('\n')) throw noRelp();
      return null;
    }
    const [whole, transaction = '', command = '', lengthText = ''] = match;
    const length = Number(lengthText);
    if (length > maxAnswerBytes) throw noRelp();
    const start = whole.length;
    // Without data, the line feed follows the length.
    if (length === 0 && whole.endsWith('\n')) {
      waiting = waiting.subarray(start);
      return { transaction: Number(transaction), command, data: Buffer.alloc(0) };
    }
    if (waiting.length < start + length + 1) return null;
    if (waiting[start + length] !== 0x0a) throw noRelp();
    const data = Buffer.from(waiting.subarray(start, start + length));
    waiting = waiting.subarray(start + length + 1);
    return { transaction: Number(transaction), command, data };
  }

  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    const frames: RelpFrame[] = [];
    for (let frame = takeFrame(); frame !== null; frame = takeFrame()) frames.push(frame);
    return frames;
  };
}
