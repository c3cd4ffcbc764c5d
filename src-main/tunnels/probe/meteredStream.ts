import { Duplex } from 'node:stream';

/** Maximum number of bytes of an answer. No valid answer is longer **[ours]**. */
export const answerLimit = 64 * 1024;
/** How many first bytes are kept, to recognize the protocol. */
const beginningLength = 64;

/** A stream that counts the received bytes, keeps the first ones, and fails after `answerLimit` bytes. */
export type MeteredStream = {
  stream: Duplex;
  received: () => number;
  beginning: () => Buffer;
  /** Resolves when the other side has closed its half, or the connection has ended. */
  ended: Promise<void>;
};

export function meteredStream(channel: Duplex): MeteredStream {
  let received = 0;
  let beginning = Buffer.alloc(0);
  const ended = Promise.withResolvers<void>();
  const stream = new Duplex({
    read: () => channel.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      channel.write(chunk, (error) => done(error ?? null));
    },
    final: (done) => {
      channel.end();
      done();
    },
    destroy: (error, done) => {
      channel.destroy();
      ended.resolve();
      done(error);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (beginning.length < beginningLength)
      beginning = Buffer.concat([beginning, chunk.subarray(0, beginningLength - beginning.length)]);
    if (received > answerLimit) stream.destroy(new Error(`more than ${answerLimit / 1024} kB`));
    else if (!stream.push(chunk)) channel.pause();
  });
  const onEnd = () => {
    ended.resolve();
    if (!stream.destroyed && !stream.readableEnded) stream.push(null);
  };
  channel.once('end', onEnd);
  channel.once('close', onEnd);
  channel.once('error', (error) => stream.destroy(error));
  // A reader also gets the error. Without a reader and without this listener, it would end the program.
  stream.on('error', () => undefined);
  return { stream, received: () => received, beginning: () => beginning, ended: ended.promise };
}
