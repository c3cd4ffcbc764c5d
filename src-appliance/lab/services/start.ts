import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { LabRepository } from '../fleetPlan.ts';
import type { Server as NetServer, Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { listenOn } from '../loopback.ts';
import { generate } from 'selfsigned';
import { labService, type HttpHandler, type LabSite } from './labServices.ts';
import { hourMs, dayMs } from '../../../src-shared/base/time.ts';

/** A tenant's repository on a free loopback port; `uri` is its line in connect.yaml. */
export type RunningService = { uri: RepositoryUri; close: () => void };

/** Delay of a slow service: users notice it, but clients don't time out. */
const slowMs = 2200;

function delayAnswers(handle: HttpHandler): HttpHandler {
  return (request, response) => {
    const timer = setTimeout(() => handle(request, response), slowMs);
    response.once('close', () => clearTimeout(timer));
  };
}

/** Generates a P-256 key and a self-signed certificate for the host, both as PEM. */
async function makeCertificate(host: string): Promise<{ key: string; cert: string }> {
  const now = Date.now();
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - hourMs),
    notAfterDate: new Date(now + 400 * dayMs),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  return { key, cert };
}

async function httpServer(plan: LabRepository & { host: string }, handle: HttpHandler): Promise<NetServer> {
  const answer = plan.condition === 'slow' ? delayAnswers(handle) : handle;
  return plan.scheme === 'https'
    ? createHttpsServer(await makeCertificate(plan.host), answer)
    : createHttpServer(answer);
}

async function buildServer(plan: LabSite & { host: string }): Promise<NetServer> {
  const service = labService(plan.service);
  if (service.scheme !== null) return httpServer(plan, await service.createHandler(plan));
  const serve = service.createServer();
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (plan.condition !== 'slow') return serve(socket);
    socket.on('error', () => undefined);
    setTimeout(() => serve(socket), slowMs).unref();
  });
}

/**
 * Starts a repository of a tenant. Its host is a name below `localhost`, so that Connect connects to this
 * machine.
 */
export async function startService(plan: LabSite): Promise<RunningService> {
  const host = `${plan.repository}.${plan.clientId}.localhost`;
  const server = await buildServer({ ...plan, host });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const { port } = await listenOn(server, { host: '127.0.0.1', port: 0 });
  // Close the server but keep the port in the plan. Connections to it are then refused, as when a server is
  // down.
  if (plan.condition === 'refuses') server.close();
  return {
    uri: {
      service: plan.service,
      scheme: plan.scheme,
      host,
      port,
      path: labService(plan.service).path,
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
