import { readRepositoryUri } from '../connectYaml/connectYaml.ts';
import type { ProbeResult, ServiceFacts, TlsFacts } from './probe.ts';
import type { Forward, TenantSession } from '../tenants/remoteNetworks.ts';
import { isTooOldForAny, tooOldFor } from '../connectYaml/serviceVersions.ts';
import { ageMs, formatDuration, formatInstant } from '../../base/time.ts';
import type { Layer } from './tunnelLayer.ts';

/** An answer that took longer is slow **[ours]**. */
export const slowAfterMs = 1500;
/** A certificate that runs out sooner is worth a warning **[ours]**. */
export const certificateWarningMs = 21 * 86_400_000;
/** Times of sessions are the appliance's, of whole seconds, and shown by a clock that is known to a few. */
const clockToleranceMs = 5_000;

export type ProbedLayers = { forward: Layer; service: Layer };

/**
 * Whether a result says something of the tunnel as it is now: the same destination, carried by the same session, and not
 * too long ago. A string says why it does not.
 */
export function probeCounts(about: {
  probe: ProbeResult;
  forward: Forward;
  session: TenantSession | undefined;
  now: number;
  clockSkewMs: number;
  goodForMs: number;
}): true | string {
  const { probe, forward, session, now } = about;
  const when = `last tested ${formatDuration(ageMs(probe.at, now))} ago`;
  if (probe.port !== forward.port) return 'not tested';
  if (probe.uri !== forward.uri) return `${when}, with another destination`;
  const began = session === undefined ? null : Date.parse(session.since) - about.clockSkewMs;
  if (
    probe.sessionPid !== forward.sessionPid ||
    began === null ||
    began > Date.parse(probe.at) + clockToleranceMs
  )
    return `${when}, through an earlier session`;
  const age = now - Date.parse(probe.at);
  return age > about.goodForMs || age < -clockToleranceMs ? when : true;
}

const milliseconds = (value: number) =>
  value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;

type Parts = Pick<Layer, 'state' | 'code' | 'evidence'>;

function forwardParts({ forward, port }: ProbeResult): Parts {
  switch (forward.outcome) {
    case 'opened':
      return { state: 'ok', code: 'T-5000', evidence: `opens in ${milliseconds(forward.milliseconds)}` };
    case 'refused':
      return { state: 'fail', code: 'T-5001', evidence: `port ${port} on the appliance: ${forward.reason}` };
    case 'prohibited':
      return {
        state: 'unknown',
        code: 'T-5998',
        evidence: `the appliance’s sshd does not permit it: ${forward.reason}`,
      };
    case 'silent':
      return {
        state: 'fail',
        code: 'T-5002',
        evidence: `port ${port} on the appliance did not answer within ${milliseconds(forward.milliseconds)}`,
      };
  }
}

const fail = (code: Layer['code'], evidence: string): Parts => ({ state: 'fail', code, evidence });

/** A fault of the certificate, before what was answered behind it. */
function certificateFault(tls: TlsFacts, now: number): Parts | null {
  const from = Date.parse(tls.validFrom);
  const to = Date.parse(tls.validTo);
  if (to < now) return fail('T-6102', `certificate of ${tls.subject} expired ${formatInstant(tls.validTo)}`);
  if (from > now)
    return fail(
      'T-6102',
      `certificate of ${tls.subject} is not valid before ${formatInstant(tls.validFrom)}`,
    );
  return null;
}

function describedTls(tls: TlsFacts | null): string {
  if (tls === null) return '';
  const named = tls.namesHost ? '' : ', which does not name this host';
  return `; ${tls.protocol}, certificate of ${tls.subject} until ${tls.validTo.slice(0, 10)}${named}`;
}

function answeredParts(facts: ServiceFacts & { outcome: 'answered' | 'asks-log-in' }, now: number): Parts {
  const { tls, protocol } = facts;
  const evidence = `${protocol} in ${milliseconds(facts.milliseconds)}${describedTls(tls)}`;
  if (facts.milliseconds > slowAfterMs) return { state: 'warn', code: 'T-6301', evidence };
  if (tls !== null && Date.parse(tls.validTo) - now < certificateWarningMs)
    return { state: 'warn', code: 'T-6103', evidence };
  return { state: 'ok', code: facts.outcome === 'answered' ? 'T-6000' : 'T-6010', evidence };
}

function serviceParts(facts: ServiceFacts, now: number): Parts {
  if ('tls' in facts && facts.tls !== null) {
    const fault = certificateFault(facts.tls, now);
    if (fault !== null) return fault;
  }
  switch (facts.outcome) {
    case 'answered':
    case 'asks-log-in':
      return answeredParts(facts, now);
    case 'closed': {
      const after = milliseconds(facts.milliseconds);
      if (facts.stage === 'start') return fail('T-6001', `closed after ${after}, before a byte came`);
      if (facts.stage === 'tls') return fail('T-6101', `closed in the TLS handshake, after ${after}`);
      return fail('T-6201', `closed after ${after}, without an answer to what was asked`);
    }
    case 'silent':
      return fail(
        'T-6002',
        `no ${facts.stage === 'tls' ? 'TLS ' : ''}answer within ${milliseconds(facts.milliseconds)}`,
      );
    case 'tls-failed':
      return fail('T-6101', facts.reason);
    case 'wrong-protocol':
      return fail('T-6201', `answered: ${facts.saw}`);
    case 'fails':
      return fail('T-6202', facts.reason);
    case 'path-not-found':
      return fail('T-6203', facts.reason);
    case 'not-known':
      // Nobody said what is there, so that silence may be its way; it may also be a client that hangs.
      return facts.closedInOrder === false
        ? {
            state: 'warn',
            code: 'T-6002',
            evidence: 'plain OpenSSH; nothing came back, not even when the connection was closed',
          }
        : { state: 'unknown', code: 'T-6998', evidence: 'plain OpenSSH: what is behind it is not known' };
  }
}

function staleVersion(about: {
  forward: Forward;
  session: TenantSession | undefined;
  applianceVersion: string | null;
}): string | null {
  const versions = { appliance: about.applianceVersion, connect: about.session?.connectVersion };
  if (about.forward.uri === null || !isTooOldForAny(versions)) return null;
  const uri = readRepositoryUri(about.forward.uri);
  if (typeof uri === 'string') return null;
  const old = tooOldFor(uri.service, versions);
  if (old.length === 0) return null;
  const parts = old.map(
    ({ part, has, needs }) =>
      `${part === 'connect' ? 'Connect' : 'the appliance'} ${needs}, and it is ${has}`,
  );
  return `${uri.service} needs ${parts.join('; ')}`;
}

/** Whether a result shows nothing wrong, as far as was tested. */
export function isProbedWell(probe: ProbeResult, now: number): boolean {
  if (forwardParts(probe).state !== 'ok' || probe.service === null) return false;
  const { state } = serviceParts(probe.service, now);
  return state === 'ok' || state === 'unknown';
}

/** Layers five and six of a tunnel whose first four are well. Only facts that still count are passed in. */
export function probedLayers(about: {
  probe: ProbeResult | null;
  /** Why there is no result. */
  untested: string;
  forward: Forward;
  session: TenantSession | undefined;
  applianceVersion: string | null;
  now: number;
}): ProbedLayers {
  const { probe, now } = about;
  const observedAt = probe?.at ?? null;
  const forward: Layer = {
    layer: 'forward',
    observedAt,
    ...(probe === null
      ? ({ state: 'unknown', code: 'T-5999', evidence: about.untested } as const)
      : forwardParts(probe)),
  };
  const facts = forward.state === 'ok' ? (probe?.service ?? null) : null;
  const service: Layer = {
    layer: 'service',
    observedAt: facts === null ? null : observedAt,
    ...(facts !== null
      ? serviceParts(facts, now)
      : ({
          state: 'unknown',
          code: forward.state === 'fail' ? null : 'T-6999',
          evidence: forward.state === 'fail' ? 'not asked yet' : about.untested,
        } as const)),
  };
  const answers = service.code === 'T-6000' || service.code === 'T-6010' || service.code === 'T-6301';
  const stale = answers ? null : staleVersion(about);
  if (stale === null) return { forward, service };
  // The version explains whatever else fails here, so that the network is not blamed: the forward before it only warns.
  return {
    forward: forward.state === 'fail' ? { ...forward, state: 'warn' } : forward,
    service: { ...service, state: 'fail', code: 'T-6401', evidence: stale, observedAt },
  };
}
