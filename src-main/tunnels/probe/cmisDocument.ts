import { z } from 'zod';

const repositories = z.record(
  z.string(),
  z.object({ repositoryId: z.string(), cmisVersionSupported: z.string().optional() }),
);

function versionOf(text: string | undefined): string {
  return text !== undefined && /^1\.\d$/u.test(text) ? ` ${text}` : '';
}

function fromJson(text: string): string | null {
  try {
    const parsed = repositories.safeParse(JSON.parse(text));
    const first = parsed.success ? Object.values(parsed.data)[0] : undefined;
    return first === undefined ? null : `CMIS${versionOf(first.cmisVersionSupported)}, browser binding`;
  } catch {
    return null;
  }
}

/**
 * Describes a CMIS service document, e.g. `CMIS 1.1, AtomPub`; null for anything else. Does not parse the
 * XML, because the server is not trusted and the text may be cut off **[CMIS 1.1, 3.6, 4.3, 5.3]**.
 */
export function readCmis(body: string): string | null {
  const head = body.trimStart();
  if (head.startsWith('{')) return fromJson(head);
  const isAtom =
    /<(?:[\w.-]{1,40}:)?service[\s>]/u.test(head) &&
    head.includes('http://www.w3.org/2007/app') &&
    head.includes('http://docs.oasis-open.org/ns/cmis/');
  if (isAtom) {
    const version = /cmisVersionSupported\s*>\s*(1\.\d)\s*</u.exec(head)?.[1];
    return `CMIS${versionOf(version)}, AtomPub`;
  }
  const isWsdl =
    /<(?:[\w.-]{1,40}:)?definitions[\s>]/u.test(head) &&
    head.includes('http://docs.oasis-open.org/ns/cmis/ws/');
  return isWsdl ? 'CMIS, web services' : null;
}
