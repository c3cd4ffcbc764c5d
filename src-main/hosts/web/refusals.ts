import { createHash } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { webHeaders } from '../page/headers.ts';
import type { Refusal } from './access.ts';

/** Milliseconds that a refused client has to read the reason. */
const flushMs = 1000;

const style = `:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 34em; margin: 18vh auto 0; padding: 0 24px; }
h1 { font-size: 20px; }
code { font: 14px ui-monospace, monospace; }`;

/**
 * Contains no script, no token and no host name of the console, because any program on this computer can
 * request this page.
 */
const wrongHostPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sallyport: not this address</title><style>${style}</style>
<h1>Sallyport is not at this address</h1>
<p>The console runs on this port under another name. Open the whole address that it printed. If you reach it
through a port of <code>ssh -L</code>, put that port into the address.</p>
<p>Is it no longer on the screen? Press Enter in the terminal where <code>sallyport web</code> or <code>npm start</code> runs. It prints a
new address.</p>
</html>
`;
const styleHash = createHash('sha256').update(style, 'utf8').digest('base64');
const wrongHostPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    ...webHeaders,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'",
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  if (refusal.isWrongHost !== true) return sendText(response, refusal.status, refusal.reason);
  sendText(response, refusal.status, wrongHostPage, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': wrongHostPolicy,
  });
}

/** Sends the reason and closes the socket, even if the client never reads or closes it. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const timer = setTimeout(() => socket.destroy(), flushMs);
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(timer));
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(refusal.reason)}`,
      '',
      refusal.reason,
    ].join('\r\n'),
  );
}
