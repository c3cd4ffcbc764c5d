import type { LabRepository } from '../fleetPlan.ts';
import type { Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type {
  RepositoryScheme,
  RepositoryService,
} from '../../../src-shared/model/connectYaml/repositoryServices.ts';
import { createCmisHandler } from './cmis.ts';
import { askSmb, serveSmb } from './smb.ts';
import { createWebdavHandler } from './webdav.ts';

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;
/** A planned repository, its tenant, and a folder for the files of the tenant's site. */
export type LabSite = LabRepository & { clientId: string; folder: string };

/**
 * How the lab provides a service: the repository in connect.yaml, the server, and one request like those of
 * the appliance's API.
 */
type LabService = { repository: string; path: string } & (
  | {
      scheme: RepositoryScheme;
      createHandler: (plan: LabSite) => HttpHandler | Promise<HttpHandler>;
      method: 'GET' | 'PROPFIND';
    }
  | {
      scheme: null;
      createServer: () => (socket: Socket) => void;
      /** Sends a request. Resolves with a short text for the log. */
      ask: (address: { host: string; port: number; timeout: number }) => Promise<string>;
    }
);

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

async function createFileHandler(plan: LabSite): Promise<HttpHandler> {
  const root = join(plan.folder, plan.repository);
  await plantTree(root);
  const handle = createWebdavHandler(root);
  return (request, response) => void handle(request, response);
}

const cmisPath = '/cmisatom';
const alfrescoPath = '/alfresco/api/-default-/public/cmis/versions/1.1/atom';

/** The lab's services. The fleet plan uses them in this order. */
export const labServices = {
  webdav: {
    repository: 'dav',
    path: '/',
    scheme: 'http',
    createHandler: createFileHandler,
    method: 'PROPFIND',
  },
  smb: {
    repository: 'files',
    path: '',
    scheme: null,
    createServer: () => {
      const guid = randomBytes(16);
      return (socket) => serveSmb(socket, guid);
    },
    ask: askSmb,
  },
  cmis: {
    repository: 'documents',
    path: cmisPath,
    scheme: 'http',
    createHandler: ({ clientId }) => createCmisHandler({ path: cmisPath, name: clientId }),
    method: 'GET',
  },
  cq5: {
    repository: 'author',
    path: '/',
    scheme: 'http',
    createHandler: createFileHandler,
    method: 'PROPFIND',
  },
  alfresco: {
    repository: 'records',
    path: alfrescoPath,
    scheme: 'https',
    createHandler: ({ clientId }) => createCmisHandler({ path: alfrescoPath, name: clientId }),
    method: 'GET',
  },
} as const satisfies Record<RepositoryService, LabService>;

/**
 * Returns an entry as the general type, so that callers can check `scheme` to distinguish the two kinds.
 */
export function labService(service: RepositoryService): LabService {
  return labServices[service];
}
