import { readCmis } from './cmisDocument.ts';
import { findMissingCertificate } from './clientCertificate.ts';
import { createHttpSender, type SendHttpRequest, type HttpAnswer } from './httpExchange.ts';
import type { FaultCause } from '../../../src-shared/model/tunnels/probe.ts';
import { readRedirect, type Redirect } from './redirect.ts';
import type { ProtocolFacts, ServiceProbe } from './serviceProbe.ts';

type ProbeInput = Parameters<ServiceProbe>[0];
type Reading = (answer: HttpAnswer) => ProtocolFacts | null;

const answered = (answer: HttpAnswer, protocol: string): ProtocolFacts => ({
  outcome: 'answered',
  protocol,
  tls: answer.tls,
  answeredAt: answer.answeredAt,
});
const asksLogin = (answer: HttpAnswer, protocol: string): ProtocolFacts => ({
  outcome: 'asks-log-in',
  protocol,
  tls: answer.tls,
  answeredAt: answer.answeredAt,
});
const isWebPage = ({ status, header }: HttpAnswer) =>
  (status >= 200 && status < 300 && /html/iu.test(header('content-type'))) || status === networkLoginStatus;

/** What the answer itself says about why it is not the service's. */
function causeOfWrong(answer: HttpAnswer): { cause?: FaultCause } {
  if (answer.leadsElsewhere === true || answer.isLoginPage === true) return { cause: 'redirect' };
  return isWebPage(answer) ? { cause: 'web-page' } : {};
}

const wrong = (answer: HttpAnswer, missing: string): ProtocolFacts => ({
  outcome: 'wrong-protocol',
  saw: answer.leadsElsewhere === true ? answer.described : `${answer.described}, ${missing}`,
  tls: answer.tls,
  ...causeOfWrong(answer),
  mayWantTls: answer.tls === null && tlsStatuses.has(answer.status),
});
/** How servers answer plain HTTP on a TLS port: bad request, upgrade required, and nginx’s own number. */
const tlsStatuses: ReadonlySet<number> = new Set([400, 426, 497]);

/** The result if the status code alone decides, without signs of the service. */
function findStatusFault(answer: HttpAnswer): ProtocolFacts | null {
  const { status, described, tls } = answer;
  const missing = findMissingCertificate(answer);
  if (missing !== null) return missing;
  if (status === 404 || status === 410) return { outcome: 'path-not-found', reason: described, tls };
  if (status === networkLoginStatus) return wrong(answer, 'a network asks for a login');
  if (status < 500 && status !== 403 && status !== 407 && status !== 429) return null;
  const cause = failureCauses.get(status);
  const wait = cause === 'unavailable' ? describeRetryAfter(answer.header('retry-after')) : '';
  return { outcome: 'fails', reason: `${described}${wait}`, tls, ...(cause === undefined ? {} : { cause }) };
}

/** “Network authentication required”: a login page of a network answers instead of the service (RFC 6585, 6). */
const networkLoginStatus = 511;
/** Statuses of a proxy whose service doesn't answer, and of a service that is busy or in maintenance. */
const failureCauses: ReadonlyMap<number, FaultCause> = new Map([
  [407, 'gateway'],
  [429, 'unavailable'],
  [502, 'gateway'],
  [503, 'unavailable'],
  [504, 'gateway'],
]);

/** Says when the service wants the next request: in seconds, or at a date (RFC 9110, 10.2.3). */
function describeRetryAfter(value: string): string {
  if (value === '') return '';
  return /^\d+$/u.test(value) ? `; try again after ${value} s` : `; try again after ${value}`;
}

/** The login challenge of an answer, e.g. `Basic realm="Alfresco"`. Null if the status is not 401. */
function readChallenge(answer: HttpAnswer): string | null {
  if (answer.status !== 401) return null;
  return answer.header('www-authenticate').slice(0, 100) || 'HTTP 401';
}

/** The final answer, and the redirect that led to it. */
type Followed = { answer: HttpAnswer; via: Redirect | null; redirect: Redirect | null };

/** Sends a request. Follows one redirect on the same server, e.g. to the path with a final slash. */
async function requestFollowingRedirect(
  probe: ProbeInput,
  request: Parameters<SendHttpRequest>[0],
): Promise<Followed | { facts: ProtocolFacts }> {
  const exchange = createHttpSender(probe);
  const first = await exchange(request);
  if (!('answer' in first)) return first;
  const via = readRedirect(request.path, probe.uri, first.answer);
  if (via === null || via.path === null) return { answer: first.answer, via: null, redirect: via };
  const second = await exchange({ ...request, path: via.path });
  if (!('answer' in second)) return second;
  const next = readRedirect(via.path, probe.uri, second.answer);
  const isCircle = next !== null && next.path === request.path;
  const redirect = isCircle ? { ...next, described: `${next.described}, in a circle` } : next;
  return { answer: second.answer, via, redirect };
}

const isLoginPage = ({ body }: HttpAnswer) => /<input\b[^>]{0,500}\btype\s*=\s*["']?password/iu.test(body);

/** The answer, with the redirect before it and what it is, for the evidence of a fault. */
function describeFollowed({ answer, via, redirect }: Followed): HttpAnswer {
  const final = redirect?.described ?? answer.described;
  const isLogin = isLoginPage(answer);
  const page = isLogin ? `${final}, a login page` : final;
  const described = via === null ? page : `${via.described}, then ${page}`;
  return { ...answer, described, leadsElsewhere: redirect !== null, isLoginPage: via !== null && isLogin };
}

async function read(
  probe: ProbeInput,
  request: Parameters<SendHttpRequest>[0],
  reading: Reading,
): Promise<{ facts: ProtocolFacts; answer: HttpAnswer | null }> {
  const outcome = await requestFollowingRedirect(probe, request);
  if ('facts' in outcome) return { facts: outcome.facts, answer: null };
  const answer = describeFollowed(outcome);
  const facts =
    reading(answer) ?? findStatusFault(answer) ?? wrong(answer, 'which does not identify the service');
  return { facts, answer };
}

function davClasses(answer: HttpAnswer): string | null {
  const classes = answer.header('dav');
  return /^[\w .,:;/<>()-]{1,200}$/u.test(classes) ? classes : null;
}

/** Sends OPTIONS and checks the `DAV` header (RFC 4918, 10.1). */
export const probeWebdav: ServiceProbe = async (probe) => {
  const { uri } = probe;
  const request = { method: 'OPTIONS', path: uri.path || '/', accept: '*/*' } as const;
  const { facts } = await read(probe, request, (answer) => {
    const realm = readChallenge(answer);
    if (realm !== null) return asksLogin(answer, `WebDAV, ${realm}`);
    const classes = davClasses(answer);
    const good = answer.status >= 200 && answer.status < 300 && classes !== null;
    if (good) return answered(answer, `WebDAV ${classes}`);
    return findStatusFault(answer) ?? wrong(answer, 'no DAV header');
  });
  return facts;
};

const cmisTypes = 'application/atomsvc+xml, application/json;q=0.9, */*;q=0.5';

/** Requests the path and looks for a CMIS service document of any binding. */
export const probeCmis: ServiceProbe = async (probe) => {
  const { uri } = probe;
  const request = { method: 'GET', path: uri.path || '/', accept: cmisTypes } as const;
  const { facts } = await read(probe, request, (answer) => {
    const realm = readChallenge(answer);
    if (realm !== null) return asksLogin(answer, `CMIS, ${realm}`);
    const cmis = answer.status === 200 ? readCmis(answer.body) : null;
    if (cmis !== null) return answered(answer, cmis);
    return findStatusFault(answer) ?? wrong(answer, 'no CMIS service document');
  });
  return facts;
};

/** Used if connect.yaml has no path. Alfresco answers there, or asks for a login with its own realm. */
const alfrescoPath = '/alfresco/api/-default-/public/alfresco/versions/1/nodes/-root-';

export const probeAlfresco: ServiceProbe = async (probe) => {
  const { uri } = probe;
  const path = uri.path === '' || uri.path === '/' ? alfrescoPath : uri.path;
  const { facts } = await read(probe, { method: 'GET', path, accept: cmisTypes }, (answer) => {
    const realm = readChallenge(answer);
    if (realm !== null) return asksLogin(answer, /alfresco/iu.test(realm) ? 'Alfresco' : `HTTP, ${realm}`);
    const good = answer.status === 200;
    const cmis = good ? readCmis(answer.body) : null;
    if (cmis !== null) return answered(answer, `Alfresco, ${cmis}`);
    if (good && /\balfresco\b/iu.test(answer.body)) return answered(answer, 'Alfresco');
    return findStatusFault(answer) ?? wrong(answer, 'no sign of Alfresco');
  });
  return facts;
};

/** Public login pages of CQ 5.6 and later, and of earlier versions. */
const loginPaths = ['/libs/granite/core/content/login.html', '/libs/cq/core/content/login.html'] as const;
const cqNames =
  /day-servlet-engine|communiqu|granite|\/libs\/cq\/|adobe (?:cq|experience manager)|\bcq5?\b|cq-authoring/iu;

function cqSign(answer: HttpAnswer): string | null {
  const headers = ['server', 'www-authenticate', 'location', 'set-cookie', 'x-powered-by'].map(answer.header);
  if (headers.some((text) => cqNames.test(text))) return 'Adobe CQ5';
  if (answer.status < 400 && cqNames.test(answer.body)) return 'Adobe CQ5';
  const classes = davClasses(answer);
  return classes !== null && answer.status < 400 ? `CQ5 repository, WebDAV ${classes}` : null;
}

const readCq5: Reading = (answer) => {
  const sign = cqSign(answer);
  if (sign !== null && answer.status < 300) return answered(answer, sign);
  if (sign !== null && (answer.status < 400 || answer.status === 401)) return asksLogin(answer, sign);
  const realm = readChallenge(answer);
  return realm === null ? null : asksLogin(answer, `HTTP, ${realm}`);
};

/**
 * Looks for signs of CQ5 at the path, then on its login pages. CQ5's repository also answers WebDAV requests.
 */
export const probeCq5: ServiceProbe = async (probe) => {
  const { uri } = probe;
  const first = await read(probe, { method: 'OPTIONS', path: uri.path || '/', accept: '*/*' }, readCq5);
  let last = first;
  for (const path of loginPaths) {
    if (last.answer === null || last.facts.outcome === 'answered' || last.facts.outcome === 'asks-log-in')
      return last.facts;
    last = await read(probe, { method: 'GET', path, accept: 'text/html' }, readCq5);
  }
  if (last.facts.outcome === 'answered' || last.facts.outcome === 'asks-log-in') return last.facts;
  // Report the answer to the configured path, because it says more than a missing login page.
  return first.facts.outcome === 'wrong-protocol' && first.answer !== null
    ? wrong(first.answer, 'no sign of CQ5')
    : first.facts;
};
