import { once } from 'node:events';
import { createServer } from 'node:http';

/** A WebDAV service on loopback, to which the tunnels of a benchmark lead. */
export async function startUpstream(): Promise<{ port: number; stop: () => void }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { DAV: '1, 2', Allow: 'OPTIONS, GET, PROPFIND', 'Content-Length': '0' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, stop: () => server.close() };
}
