import type { ConnectHealth, ControlRequest } from './controlProtocol.ts';
import { connect } from 'node:net';
import { AppError } from '../../src-shared/errors.ts';
import { controlAnswerSchema, maxAnswer } from './controlProtocol.ts';
import { endpointOf } from './socketPath.ts';
import { systemErrorCode } from '../../src-shared/node/systemErrorCode.ts';
import { createMessageSplitter } from '../../src-shared/node/lineSplitter.ts';
import { secondMs } from '../../src-shared/base/time.ts';

/**
 * `stop` replies only after all connections have ended, and `reload` only after the appliance's replies.
 */
const answerTimeoutMs = 30 * secondMs;

/**
 * Sends a command to the Connect that listens on this socket. Resolves with Connect's health after the
 * command; for `stop`, after the socket is released. Throws NOT_FOUND if no Connect is running, and
 * COMMAND_FAILED with Connect's message if the command fails.
 */
export function sendToConnect(path: string, command: ControlRequest['command']): Promise<ConnectHealth> {
  const socket = connect(endpointOf(path));
  const split = createMessageSplitter(maxAnswer);
  let line: string | null | undefined;
  return new Promise((resolve, reject) => {
    socket.setTimeout(answerTimeoutMs, () =>
      socket.destroy(new AppError('COMMAND_TIMEOUT', `the Connect on ${path} does not answer`)),
    );
    socket.once('connect', () => socket.write(`${JSON.stringify({ command })}\n`));
    socket.on('data', (chunk: Buffer) => (line ??= split(chunk)[0]));
    socket.once('error', (cause) => {
      if (cause instanceof AppError) reject(cause);
      else if (systemErrorCode(cause) === 'EACCES')
        reject(new AppError('NOT_PERMITTED', `the socket ${path} belongs to another user`, { cause }));
      else reject(new AppError('NOT_FOUND', `no Connect is running on the socket ${path}`, { cause }));
    });
    socket.once('close', () => {
      try {
        const answer = controlAnswerSchema.parse(JSON.parse(line ?? ''));
        if (answer.outcome === 'done') resolve(answer.health);
        else reject(new AppError('COMMAND_FAILED', answer.message));
      } catch (cause) {
        reject(new AppError('OUTPUT_UNPARSED', `the Connect on ${path} did not answer`, { cause }));
      }
    });
  });
}
