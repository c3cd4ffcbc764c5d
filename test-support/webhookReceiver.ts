import { createServer as createPlainServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { targetMessageSchema, type TargetMessage } from '../src-shared/model/notifications/targetMessage.ts';
import { createLoopbackServers } from './loopbackServers.ts';
import { makeSelfSigned } from './selfSigned.ts';

export type ReceivedHook = {
  path: string;
  headers: IncomingHttpHeaders;
  raw: string;
  message: TargetMessage;
};

/** A receiver of webhooks on loopback, with TLS and its own certificate, or without TLS. */
export async function startWebhookReceiver({ isSecure = true } = {}) {
  const own = makeSelfSigned('127.0.0.1');
  const servers = createLoopbackServers();
  const received: ReceivedHook[] = [];
  /** The statuses of the answers to come; then 204 each time. Null: no answer at all. */
  const answers: (number | null)[] = [];
  const unanswered: ServerResponse[] = [];
  const server = isSecure ? createServer(own) : createPlainServer();
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString();
      const status = answers.length > 0 ? (answers.shift() ?? null) : 204;
      const { url: path = '', headers } = request;
      received.push({ path, headers, raw, message: targetMessageSchema.strict().parse(JSON.parse(raw)) });
      if (status === null) unanswered.push(response);
      else response.writeHead(status).end();
    });
  });
  const port = await servers.serve(server);
  return {
    address: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}/hook`,
    certificate: own.cert,
    received,
    answers,
    /** Closes the connections of the requests that get no answer. */
    hangUp: () => {
      for (const response of unanswered.splice(0)) response.destroy();
    },
    texts: () => received.map(({ message }) => `${message.event} ${message.notification?.port ?? '–'}`),
    close: servers.close,
  };
}
