import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { RepositoryPlan } from '../fleetPlan.ts';
import type { Server as NetServer, Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { listenOn } from '../loopback.ts';
import { makeCertificate } from './certificate.ts';
import { createCmisHandler } from './cmis.ts';
import { serveSmb } from './smb.ts';
import { createWebdavHandler } from './webdav.ts';

/** A tenant's repository, running on a free loopback port; `uri` is what its connect.yaml says. */
export type RunningService = { uri: RepositoryUri; close: () => void };

const documents = {
  'README.txt': 'Shared by the plant office. Ask the site lead before moving anything.\n',
  'reports/2026-10.csv': 'date,line,units\n2026-10-30,1,4120\n2026-10-31,1,4077\n',
  'reports/2026-11.csv': 'date,line,units\n2026-11-02,1,4166\n2026-11-03,1,4201\n',
  'drawings/bracket-12.svg':
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M1 1h6v6H1z"/></svg>\n',
} as const;

async function plantTree(root: string): Promise<void> {
  for (const [name, content] of Object.entries(documents)) {
    const path = join(root, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
  }
}

const paths = {
  smb: '',
  webdav: '/',
  cq5: '/',
  cmis: '/cmisatom',
  alfresco: '/alfresco/api/-default-/public/cmis/versions/1.1/atom',
} as const;

type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Longer than a patient user waits, shorter than a client gives up. */
const slowMs = 2200;

function slowed(handle: HttpHandler): HttpHandler {
  return (request, response) => {
    const timer = setTimeout(() => handle(request, response), slowMs);
    response.once('close', () => clearTimeout(timer));
  };
}

const hourMs = 3_600_000;

function httpServer(plan: RepositoryPlan & { host: string }, handle: HttpHandler): NetServer {
  const answer = plan.condition === 'slow' ? slowed(handle) : handle;
  if (plan.scheme !== 'https') return createHttpServer(answer);
  const now = Date.now();
  const certificate = makeCertificate({
    host: plan.host,
    notBefore: now - hourMs,
    notAfter: now + 400 * 24 * hourMs,
  });
  return createHttpsServer(certificate, answer);
}

async function buildServer(
  plan: RepositoryPlan & { clientId: string; folder: string; host: string },
): Promise<NetServer> {
  switch (plan.service) {
    case 'smb': {
      const guid = randomBytes(16);
      return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        if (plan.condition !== 'slow') return serveSmb(socket, guid);
        socket.on('error', () => undefined);
        setTimeout(() => serveSmb(socket, guid), slowMs).unref();
      });
    }
    case 'cmis':
    case 'alfresco':
      return httpServer(plan, createCmisHandler({ path: paths[plan.service], name: plan.clientId }));
    case 'webdav':
    case 'cq5': {
      const root = join(plan.folder, plan.repository);
      await plantTree(root);
      const handle = createWebdavHandler(root);
      return httpServer(plan, (request, response) => void handle(request, response));
    }
  }
}

/** Starts one repository of a tenant. Its host is a name under `localhost`, which Connect takes for this machine. */
export async function startService(
  plan: RepositoryPlan & { clientId: string; folder: string },
): Promise<RunningService> {
  const host = `${plan.repository}.${plan.clientId}.localhost`;
  const server = await buildServer({ ...plan, host });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const { port } = await listenOn(server, { host: '127.0.0.1', port: 0 });
  // The port was this service's, so nobody else answers there: a server that is down, not one that never was.
  if (plan.condition === 'refuses') server.close();
  return {
    uri: {
      service: plan.service,
      scheme: plan.scheme,
      host,
      port,
      path: paths[plan.service],
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
