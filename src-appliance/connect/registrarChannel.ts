import type { ClientMessage, ServerMessage } from '../core/sessions/registrarProtocol.ts';
import type { Duplex } from 'node:stream';
import {
  encodeMessage,
  maxLine,
  serverMessageSchema,
  unknownMessageType,
} from '../core/sessions/registrarProtocol.ts';
import { createMessageSplitter } from '../../src-shared/node/lineSplitter.ts';

/**
 * Connect's side of the registrar protocol. Limits the length of lines. Calls `onFault` at most once, and
 * `onUnknown` for every message of an unknown type, which is otherwise ignored.
 */
export function createRegistrarChannel(options: {
  channel: Duplex;
  onMessage: (message: ServerMessage) => void;
  onUnknown: (type: string) => void;
  onFault: (reason: string) => void;
}) {
  const { channel, onMessage } = options;
  const split = createMessageSplitter(maxLine);
  let broken = false;
  const fail = (reason: string): void => {
    if (broken) return;
    broken = true;
    options.onFault(reason);
  };
  const readLine = (line: string): void => {
    let content: unknown;
    try {
      content = JSON.parse(line);
    } catch {
      fail('the appliance sent a line that is not JSON');
      return;
    }
    const parsed = serverMessageSchema.safeParse(content);
    if (parsed.success) {
      onMessage(parsed.data);
      return;
    }
    const unknown = unknownMessageType(content);
    if (unknown !== null) options.onUnknown(unknown);
    else fail('the appliance sent a message of an unknown kind');
  };
  channel.on('data', (chunk: Buffer) => {
    for (const line of split(chunk)) {
      if (broken || line === '') continue;
      if (line === null) fail('the appliance sent a line that is too long');
      else readLine(line);
    }
  });
  channel.once('error', () => fail('the session channel failed'));
  channel.once('close', () => fail('the appliance ended the session'));
  return {
    send: (message: ClientMessage): void => {
      if (!broken && channel.writable) channel.write(encodeMessage(message));
    },
    /** Whether the appliance takes no more data at present. What is sent now waits in memory. */
    isBlocked: (): boolean => channel.writableNeedDrain,
  };
}
