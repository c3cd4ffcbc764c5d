import { createSocket } from 'node:dgram';
import { isIPv6, type Socket } from 'node:net';
import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import { AppError } from '../../../src-shared/errors.ts';
import type { ReceiverAddress } from '../../../src-shared/base/receiverAddress.ts';
import { race } from '../../../src-shared/base/race.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { shorten, visibleLine } from '../../../src-shared/base/machineText.ts';
import { runProgram } from '../../../src-shared/node/runProgram.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import { severities, type Severity } from '../../../src-shared/model/syslog/syslogLine.ts';
import { buildRfc5424, frameByLength } from '../../../src-shared/model/syslog/forward/rfc5424.ts';
import type { TargetMessage } from '../../../src-shared/model/notifications/targetMessage.ts';
import { readTargetAddress, type Target } from '../../../src-shared/model/notifications/targets.ts';
import { destinationError, openConnection } from '../../syslog/forward/senders/connection.ts';
import { writeAll } from '../../syslog/forward/senders/writeAll.ts';
import type { TargetSender } from './targetSender.ts';

/** The facility `daemon` **[ours]**. */
const facility = 3;
const severityOf: Record<TargetMessage['tone'], Severity> = { bad: 'err', warn: 'warning', ok: 'notice' };
/** A longer datagram may be split or dropped on its way (RFC 5426, 3.2). */
const maxDatagramBytes = 1180;
const maxTextLength = 8000;
const localTimeoutMs = 10 * secondMs;
/** How long a receiver may take to close its side of a connection. */
const maxCloseMs = secondMs;

function encode({ id, event, tone, text, at, notification }: TargetMessage, length: number) {
  const data: [string, string][] = [
    ['id', id],
    ['event', event],
  ];
  if (notification !== null) {
    data.push(['kind', notification.kind], ['appliance', notification.appliance]);
    if (notification.tenant !== null) data.push(['tenant', notification.tenant]);
    if (notification.port !== null) data.push(['port', `${notification.port}`]);
  }
  return buildRfc5424({
    facility,
    severity: severities.indexOf(severityOf[tone]),
    time: at,
    host: hostname(),
    program: 'sallyport',
    pid: `${process.pid}`,
    messageId: event,
    data,
    text: shorten(visibleLine(text), length),
  });
}

/** The message, with a text that is short enough for one datagram. */
function encodeDatagram(message: TargetMessage): Uint8Array {
  const whole = encode(message, maxTextLength);
  if (whole.length <= maxDatagramBytes) return whole;
  const head = encode(message, 0).length;
  // A character can have four bytes.
  return encode(message, Math.max(1, Math.floor((maxDatagramBytes - head) / 4)));
}

async function sendDatagrams(
  { host, port }: ReceiverAddress,
  messages: readonly TargetMessage[],
  signal: AbortSignal,
): Promise<void> {
  const { address } = await race(lookup(host), { signal });
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    for (const message of messages) {
      const sent = Promise.withResolvers<void>();
      socket.send(encodeDatagram(message), port, address, (error) =>
        error === null ? sent.resolve() : sent.reject(error),
      );
      await sent.promise;
    }
  } finally {
    socket.close();
  }
}

/** Hands messages to this computer's log. Node opens no socket like /dev/log, so `logger` does it. */
async function sendLocally(messages: readonly TargetMessage[], signal: AbortSignal): Promise<void> {
  for (const { tone, text } of messages) {
    const argv = ['--tag', 'sallyport', `--id=${process.pid}`, '--priority', `daemon.${severityOf[tone]}`];
    try {
      await runProgram('logger', [...argv, '--size', '16KiB'], {
        timeout: localTimeoutMs,
        signal,
        input: `${shorten(visibleLine(text), maxTextLength)}\n`,
      });
    } catch (thrown) {
      const why = systemErrorCode(thrown) === 'ENOENT' ? 'logger is not installed' : 'logger failed';
      throw new AppError('DESTINATION_REFUSED', `This computer’s log took no message: ${why}.`, {
        cause: thrown,
      });
    }
  }
}

function createStream(target: Target, address: ReceiverAddress): TargetSender {
  let socket: Socket | null = null;
  const close = () => {
    socket?.destroy();
    socket = null;
  };
  return {
    send: async (messages, signal) => {
      if (socket === null || socket.destroyed || socket.readableEnded) {
        close();
        socket = await openConnection({ name: target.name, address, files: target, signal });
        // A receiver sends nothing; reading lets its end be seen.
        socket.resume();
      }
      try {
        await writeAll(
          socket,
          Buffer.concat(messages.map((message) => frameByLength(encode(message, maxTextLength)))),
          signal,
        );
      } catch (thrown) {
        close();
        throw thrown;
      }
    },
    close: () => {
      const ending = socket;
      socket = null;
      if (ending === null) return;
      ending.end();
      // A receiver that hangs does not close its side.
      setTimeout(() => ending.destroy(), maxCloseMs).unref();
    },
  };
}

const holdsNothing = () => undefined;

/** Sends messages of RFC 5424: with their length before them over TLS or TCP, as datagrams, or to this computer's log. */
export function createSyslogTargetSender(target: Target): TargetSender {
  const address = readTargetAddress(target.kind, target.address);
  const sender: TargetSender =
    typeof address === 'string'
      ? { send: sendLocally, close: holdsNothing }
      : address.scheme === 'udp'
        ? { send: (messages, signal) => sendDatagrams(address, messages, signal), close: holdsNothing }
        : createStream(target, address);
  return {
    send: async (messages, signal) => {
      try {
        await sender.send(messages, signal);
      } catch (thrown) {
        throw destinationError(target.name, thrown);
      }
    },
    close: sender.close,
  };
}
