import type { IncomingMessage, ServerResponse } from 'node:http';

/** The service document of CMIS 1.1 (AtomPub binding) with one repository and its root collection. */
function serviceDocument(base: string, name: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<app:service xmlns:app="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:cmis="http://docs.oasis-open.org/ns/cmis/core/200908/" xmlns:cmisra="http://docs.oasis-open.org/ns/cmis/restatom/200908/">
  <app:workspace>
    <atom:title>${name}</atom:title>
    <app:collection href="${base}/children"><atom:title>root</atom:title><cmisra:collectionType>root</cmisra:collectionType></app:collection>
    <cmisra:repositoryInfo>
      <cmis:repositoryId>${name}</cmis:repositoryId>
      <cmis:repositoryName>${name}</cmis:repositoryName>
      <cmis:cmisVersionSupported>1.1</cmis:cmisVersionSupported>
      <cmis:rootFolderId>root</cmis:rootFolderId>
    </cmisra:repositoryInfo>
  </app:workspace>
</app:service>
`;
}

const emptyFeed = `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>root</id><title>root</title><updated>2026-01-01T00:00:00Z</updated></feed>
`;

/** Serves an empty CMIS repository at `path`, e.g. `/cmisatom`. */
export function createCmisHandler(options: {
  path: string;
  name: string;
}): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    request.resume();
    const path = (request.url ?? '').split('?')[0]?.replace(/\/$/u, '');
    if (request.method === 'OPTIONS') {
      response.writeHead(200, { Allow: 'OPTIONS, GET', 'Content-Length': '0' }).end();
      return;
    }
    const document =
      path === options.path
        ? { type: 'application/atomsvc+xml', body: serviceDocument(options.path, options.name) }
        : path === `${options.path}/children`
          ? { type: 'application/atom+xml;type=feed', body: emptyFeed }
          : null;
    if (request.method !== 'GET' || document === null) {
      response.writeHead(document === null ? 404 : 405).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': document.type }).end(document.body);
  };
}
