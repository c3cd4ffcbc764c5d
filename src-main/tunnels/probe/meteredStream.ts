import { Duplex } from 'node:stream';

/** Maximum number of bytes of an answer. No valid answer is longer **[ours]**. */
export const maxAnswerBytes = 64 * 1024;
/** How many first bytes are kept, to recognize the protocol. */
const firstBytesLength = 64;

/** A stream that counts the received bytes, keeps the first ones, and fails after `maxAnswerBytes` bytes. */
export type MeteredStream = {
  stream: Duplex;
  received: () => number;
  firstBytes: () => Buffer;
  /** Resolves when the other side has closed its half, or the connection has ended. */
  ended: Promise<void>;
};

export function createMeteredStream(channel: Duplex): MeteredStream {
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
    if (beginning.length < firstBytesLength)
      beginning = Buffer.concat([beginning, chunk.subarray(0, firstBytesLength - beginning.length)]);
    if (received > maxAnswerBytes) stream.destroy(new Error(`more than ${maxAnswerBytes / 1024} kB`));
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
  return { stream, received: () => received, firstBytes: () => beginning, ended: ended.promise };
}

/**
 * Destroys the stream when the signal aborts, or now if it has aborted already. Returns a function that ends this.
 */
export function destroyAtAbort(stream: Duplex, signal: AbortSignal): () => void {
  const stop = () => stream.destroy();
  // A signal that has aborted already calls no listener.
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}
