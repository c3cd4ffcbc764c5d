import type { RepositoryUri } from '../../../src-shared/model/connectYaml/connectYaml.ts';
import type { ServiceCondition } from '../fleetPlan.ts';
import type { Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { listenOn } from '../loopback.ts';
import { openBlackHole, type BlackHole } from './blackHole.ts';
import { faultyAnswers, isFaultyAnswer } from './faultyAnswers.ts';
import { makeCertificate } from '../certificate.ts';
import { labService, type HttpHandler, type LabSite } from './labServices.ts';

/** A tenant's repository on a free loopback port; `uri` is its line in connect.yaml. */
export type RunningService = {
  uri: RepositoryUri;
  /** Changes how the service behaves from now on, and closes its connections. */
  behave: (condition: ServiceCondition) => Promise<void>;
  /** Gives an HTTPS service a certificate that is valid for so many days. Negative: it has expired. */
  certify: (validDays: number) => Promise<void>;
  close: () => void;
};

/** Delay of a slow service: users notice it, but clients don't time out. */
const slowMs = 2200;
const usualValidDays = 400;

/** The healthy service. It gets its connections from another server, which may keep them from it. */
type HealthyService = {
  serve: (socket: Socket) => void;
  setCertificate: (validDays: number) => Promise<void>;
};

const noCertificate = () => Promise.reject(new Error('this service has no certificate'));

async function buildService(
  plan: LabSite & { host: string },
  isSlow: () => boolean,
): Promise<HealthyService> {
  const service = labService(plan.service);
  if (service.scheme === null) {
    const serve = service.createServer();
    const serveLater = (socket: Socket) => void setTimeout(() => serve(socket), slowMs).unref();
    return { serve: (socket) => (isSlow() ? serveLater : serve)(socket), setCertificate: noCertificate };
  }
  const handle = await service.createHandler(plan);
  const answer: HttpHandler = (request, response) => {
    if (!isSlow()) return handle(request, response);
    const timer = setTimeout(() => handle(request, response), slowMs);
    response.once('close', () => clearTimeout(timer));
  };
  if (plan.scheme !== 'https') {
    const server = createHttpServer(answer);
    return { serve: (socket) => void server.emit('connection', socket), setCertificate: noCertificate };
  }
  const server = createHttpsServer(await makeCertificate(plan.host, usualValidDays), answer);
  return {
    serve: (socket) => void server.emit('connection', socket),
    setCertificate: async (validDays) => server.setSecureContext(await makeCertificate(plan.host, validDays)),
  };
}

/**
 * Starts a repository of a tenant. Its host is a name below `localhost`, so that Connect connects to this
 * machine.
 */
export async function startService(plan: LabSite): Promise<RunningService> {
  const host = `${plan.repository}.${plan.clientId}.localhost`;
  let { condition } = plan;
  const healthy = await buildService({ ...plan, host }, () => condition === 'slow');
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    if (isFaultyAnswer(condition)) faultyAnswers[condition](socket);
    else healthy.serve(socket);
  });
  const { port } = await listenOn(server, { host: '127.0.0.1', port: 0 });
  let blackHole: BlackHole | null = null;
  const closeConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const stopListening = async (): Promise<void> => {
    if (server.listening) server.close();
    closeConnections();
    await blackHole?.close();
    blackHole = null;
  };
  const behave = async (next: ServiceCondition): Promise<void> => {
    await stopListening();
    condition = next;
    // If nothing listens on the port, connections to it are refused, as when a server is down.
    if (next === 'refuses') return;
    if (next === 'unreachable') blackHole = await openBlackHole(port);
    else await listenOn(server, { host: '127.0.0.1', port });
  };
  if (condition !== 'answers') await behave(condition);
  return {
    uri: { service: plan.service, scheme: plan.scheme, host, port, path: labService(plan.service).path },
    behave,
    certify: async (validDays) => {
      await healthy.setCertificate(validDays);
      closeConnections();
    },
    close: () => void stopListening(),
  };
}
