import type { Socket } from 'node:net';
import { AppError } from '../../../../src-shared/errors.ts';
import { visibleLine } from '../../../../src-shared/base/machineText.ts';
import { race } from '../../../../src-shared/base/race.ts';
import { createSlots } from '../../../../src-shared/base/slots.ts';
import type { Destination } from '../../../../src-shared/model/syslog/forward/destination.ts';
import { formatRfc5424 } from '../../../../src-shared/model/syslog/forward/rfc5424.ts';
import { nothingRefused, type LogSender } from '../sender.ts';
import { answerTimeoutMs, destinationError, openConnection } from './connection.ts';
import { receiverOf } from './receiverOf.ts';
import { createRelpReader, formatRelpFrame } from './relpFrames.ts';

/** Frames that may wait for their answer, as librelp has it by default. */
const window = 128;
const maxTransaction = 999_999_999;
const offers = 'relp_version=0\nrelp_software=sallyport\ncommands=syslog';

type Session = ReturnType<typeof createSession>;

/** A RELP session on an open connection. */
function createSession(socket: Socket) {
  const waiting = new Map<number, { resolve: () => void; reject: (thrown: unknown) => void }>();
  const read = createRelpReader();
  const slots = createSlots(window);
  let last = 0;
  let isOver = false;

  function end(thrown: unknown): void {
    isOver = true;
    socket.destroy();
    for (const { reject } of waiting.values()) reject(thrown);
    waiting.clear();
  }
  function take({ transaction, command, data }: ReturnType<typeof read>[number]): void {
    if (command === 'serverclose') return end(new Error('the receiver ended the session'));
    const request = waiting.get(transaction);
    waiting.delete(transaction);
    const answer = data.toString('utf8').slice(0, 300);
    if (answer.startsWith('200')) request?.resolve();
    else
      request?.reject(
        new AppError('DESTINATION_REFUSED', `The receiver answered: ${visibleLine(answer).slice(0, 200)}.`),
      );
  }
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const frame of read(chunk)) take(frame);
    } catch (thrown) {
      end(thrown);
    }
  });
  socket.once('error', end);
  socket.once('close', () => end(new Error('the connection broke before the receiver confirmed all lines')));

  /** Sends a frame and resolves once the receiver confirmed it. */
  async function request(command: string, data: Uint8Array): Promise<void> {
    const release = await slots.acquire();
    try {
      if (isOver) throw new Error('the connection broke');
      last = last === maxTransaction ? 1 : last + 1;
      const answer = Promise.withResolvers<void>();
      waiting.set(last, answer);
      socket.write(formatRelpFrame({ transaction: last, command, data: Buffer.from(data) }));
      await race(answer.promise, {
        timeoutMs: answerTimeoutMs,
        onTimeout: () => {
          throw new Error('it confirmed nothing for 30 s');
        },
      });
    } finally {
      release();
    }
  }

  return {
    request,
    isOver: () => isOver,
    end: () => end(new Error('the session was ended')),
    /** Ends the session as RELP wants it, without waiting. */
    close: () => {
      if (isOver) return;
      socket.end(formatRelpFrame({ transaction: last + 1, command: 'close', data: Buffer.alloc(0) }));
    },
  };
}

/** Sends messages of RFC 5424 by RELP. Each is confirmed by the receiver. */
export function createRelpSender(destination: Destination): LogSender {
  let session: Session | null = null;

  async function open(): Promise<Session> {
    const opened = createSession(await openConnection(receiverOf(destination)));
    session = opened;
    await opened.request('open', Buffer.from(offers));
    return opened;
  }

  return {
    send: async (lines) => {
      try {
        const current = session === null || session.isOver() ? await open() : session;
        const answers = await Promise.allSettled(
          lines.map((line) => current.request('syslog', formatRfc5424(line))),
        );
        for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
      } catch (thrown) {
        session?.end();
        session = null;
        throw destinationError(destination.name, thrown);
      }
      return nothingRefused;
    },
    close: () => {
      session?.close();
      session = null;
    },
  };
}
