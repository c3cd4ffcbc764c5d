import { readRepositoryUri } from '../connectYaml/connectYaml.ts';
import type { ProbeResult, ServiceFacts, TlsFacts } from './probe.ts';
import type { Forward, TenantSession } from '../tenants/remoteNetworks.ts';
import { isTooOldForAny, findTooOldSides } from '../connectYaml/serviceVersions.ts';
import { ageMs, formatDuration, formatInstant, dayMs, secondMs } from '../../base/time.ts';
import { createLayer, uncheckedLayer, type Layer } from './tunnelLayer.ts';
import { tunnelCodes, type TunnelCode } from './tunnelCodes.ts';
import { maxRefusalMs } from './answerLimits.ts';
import { dialReasonFacts } from './dialFailures.ts';
import { quoteText } from '../../base/machineText.ts';

/** An answer that takes longer counts as slow **[ours]**. */
export const slowAfterMs = 1500;
/** A certificate that expires within this time gets a warning **[ours]**. */
export const certificateWarningMs = 21 * dayMs;
/**
 * Tolerance when comparing times. Session times are whole seconds of the appliance's clock, and its offset is
 * known only roughly.
 */
const clockToleranceMs = 5 * secondMs;
/** A report of Connect may look this much earlier than it was, because the clocks differ. */
const reportToleranceMs = 3 * secondMs;

type ProbedTunnel = {
  /** How far the appliance's clock is ahead. The forward's times are by that clock. */
  clockSkewMs?: number;
  probe: ProbeResult | null;
  forward: Forward;
  /** The session to which the forward belongs. Its times are converted to the console's clock. */
  session: TenantSession | undefined;
  /** When the link came up again after an interruption. Null if there was none. */
  reconnectedAt: string | null;
  now: number;
};

/**
 * Whether a probe ran before the link came up again. A reconnect later than now is from before the clock was
 * set back, so it proves nothing.
 */
export function isBeforeReconnect(probeAt: string, reconnectedAt: string | null, now: number): boolean {
  if (reconnectedAt === null) return false;
  const reconnectedMs = Date.parse(reconnectedAt);
  return Date.parse(probeAt) < reconnectedMs && reconnectedMs <= now;
}

/**
 * Why the result is not valid for the present tunnel: another destination, another session, from before an
 * interruption, or too old. Null if it is valid.
 */
function findReasonInvalid(input: ProbedTunnel & { probe: ProbeResult; maxAgeMs: number }): string | null {
  const { probe, forward, session, now } = input;
  const when = `last tested ${formatDuration(ageMs(probe.at, now))} ago`;
  if (probe.port !== forward.port) return 'not tested';
  if (probe.uri !== forward.uri) return `${when}, with another destination`;
  const isSameSession =
    session !== undefined &&
    probe.sessionPid === forward.sessionPid &&
    Date.parse(session.since) <= Date.parse(probe.at) + clockToleranceMs;
  if (!isSameSession) return `not tested in this session; ${when}: ${resultWord(probe, now)}`;
  if (isBeforeReconnect(probe.at, input.reconnectedAt, now))
    return `not tested since the connection to the appliance came up again; ${when}: ${resultWord(probe, now)}`;
  const age = now - Date.parse(probe.at);
  return age > input.maxAgeMs || age < -clockToleranceMs ? when : null;
}

const milliseconds = (value: number) =>
  value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1).replace('.0', '')} kB`;

type Result = readonly [TunnelCode, evidence: string];

function forwardResult({ forward, port }: ProbeResult): Result {
  switch (forward.outcome) {
    case 'opened':
      return ['T-5000', `opens in ${milliseconds(forward.milliseconds)}`];
    case 'refused':
      return ['T-5001', `port ${port} on the appliance: ${forward.reason}`];
    case 'prohibited':
      return ['T-5998', `the appliance’s sshd does not permit it: ${forward.reason}`];
    case 'silent':
      return [
        'T-5002',
        `port ${port} on the appliance did not answer within ${milliseconds(forward.milliseconds)}`,
      ];
    case 'large-lost':
      return [
        'T-5003',
        `small requests passed; after one of ${kilobytes(forward.sentBytes)}, nothing passed for ${milliseconds(forward.milliseconds)}`,
      ];
  }
}

/** The fault of the certificate, if any. It takes precedence over the service's answer. */
function certificateFault(tls: TlsFacts, now: number): Result | null {
  if (Date.parse(tls.validTo) < now)
    return ['T-6102', `certificate of ${tls.subject} expired ${formatInstant(tls.validTo)}`];
  if (Date.parse(tls.validFrom) > now)
    return ['T-6102', `certificate of ${tls.subject} is not valid before ${formatInstant(tls.validFrom)}`];
  return null;
}

function describeTls(tls: TlsFacts | null): string {
  if (tls === null) return '';
  const named = tls.namesHost ? '' : ', which does not name this host';
  return `; ${tls.protocol}, certificate of ${tls.subject} until ${tls.validTo.slice(0, 10)}${named}`;
}

function answeredResult(facts: ServiceFacts & { outcome: 'answered' | 'asks-log-in' }, now: number): Result {
  const { tls, protocol } = facts;
  const { largeBytes } = facts;
  const large = largeBytes === undefined ? '' : `; a request of ${kilobytes(largeBytes)} passes too`;
  const evidence = `${protocol} in ${milliseconds(facts.milliseconds)}${large}${describeTls(tls)}`;
  if (facts.milliseconds > slowAfterMs) return ['T-6301', evidence];
  if (tls !== null && Date.parse(tls.validTo) - now < certificateWarningMs) return ['T-6103', evidence];
  return [facts.outcome === 'answered' ? 'T-6000' : 'T-6010', evidence];
}

function closedResult(facts: ServiceFacts & { outcome: 'closed' }): Result {
  const after = milliseconds(facts.milliseconds);
  if (facts.stage === 'start') return ['T-6001', `connection closed after ${after}, no data received`];
  // A service that closes because of a request does so at once. A late end is that of a failed attempt.
  if (facts.milliseconds >= maxRefusalMs && facts.isAccepted !== true)
    return ['T-6002', `connection closed after ${after}, no data received`];
  if (facts.stage === 'tls') return ['T-6101', `connection closed in the TLS handshake, after ${after}`];
  return ['T-6204', `connection closed after ${after}, no answer to the request`];
}

/**
 * The verdict if Connect reported why it could not connect. Null if it reported nothing during the probe,
 * because a report at another time may be about another connection.
 */
function dialFailureResult(input: ProbedTunnel & { probe: ProbeResult }): Result | null {
  const { probe, forward, clockSkewMs = 0 } = input;
  const { dialFailure } = forward;
  const { service } = probe;
  if (dialFailure == null || service?.outcome !== 'closed' || service.isAccepted === true) return null;
  const failedMs = Date.parse(dialFailure.at) - clockSkewMs;
  const beganMs = Date.parse(probe.at);
  const endedMs =
    beganMs + (probe.forward.outcome === 'opened' ? probe.forward.milliseconds : 0) + service.milliseconds;
  const isDuring = failedMs >= beganMs - reportToleranceMs && failedMs <= endedMs + reportToleranceMs;
  if (dialFailure.at === probe.failedBefore || !isDuring) return null;
  const { code, text } = dialReasonFacts[dialFailure.reason];
  const at = formatInstant(new Date(failedMs).toISOString());
  const after = `connection closed after ${milliseconds(service.milliseconds)}`;
  return [code, `${after}; Connect reports that ${text}: ${quoteText(dialFailure.message)} (${at})`];
}

function serviceResult(facts: ServiceFacts, now: number): Result {
  const fault = 'tls' in facts && facts.tls !== null ? certificateFault(facts.tls, now) : null;
  if (fault !== null) return fault;
  switch (facts.outcome) {
    case 'answered':
    case 'asks-log-in':
      return answeredResult(facts, now);
    case 'closed':
      return closedResult(facts);
    case 'silent': {
      const answer = facts.stage === 'tls' ? 'TLS answer' : 'answer';
      return ['T-6002', `no ${answer} within ${milliseconds(facts.milliseconds)}`];
    }
    case 'large-lost':
      return [
        'T-6006',
        `a small request is answered in ${milliseconds(facts.milliseconds)}, the same request with ${kilobytes(facts.sentBytes)} is not`,
      ];
    case 'tls-failed':
      return ['T-6101', facts.reason];
    case 'wrong-protocol':
      return ['T-6201', `answered: ${facts.saw}`];
    case 'fails':
      return ['T-6202', facts.reason];
    case 'path-not-found':
      return ['T-6203', facts.reason];
    case 'not-known':
      if (facts.endedAfterMs !== undefined) {
        const after = `connection ended after ${milliseconds(facts.endedAfterMs)}, no data received`;
        return [
          'T-6002',
          `plain OpenSSH; ${after}: the service can’t be reached, or it ends idle connections`,
        ];
      }
      return facts.closedInOrder === false
        ? ['T-6002', 'plain OpenSSH; nothing came back, not even after the test closed its side']
        : ['T-6998', 'plain OpenSSH: the service behind it is unknown'];
  }
}

function serviceLayer(input: {
  probe: ProbeResult;
  facts: ServiceFacts;
  reported: Result | null;
  now: number;
}): Layer {
  const { probe, facts, reported, now } = input;
  const cause = reported === null && 'cause' in facts ? facts.cause : undefined;
  const layer = {
    ...createLayer(...(reported ?? serviceResult(facts, now)), probe.at),
    ...(cause === undefined ? {} : { cause }),
  };
  // If the service is unknown, only warn about silence: it may be normal for that service.
  return facts.outcome === 'not-known' && layer.state === 'fail' ? { ...layer, state: 'warn' } : layer;
}

function oldVersion(
  forward: Forward,
  session: TenantSession | undefined,
  applianceVersion: string | null,
): string | null {
  const versions = { appliance: applianceVersion, connect: session?.connectVersion };
  if (forward.uri === null || !isTooOldForAny(versions)) return null;
  const uri = readRepositoryUri(forward.uri);
  if (typeof uri === 'string') return null;
  const old = findTooOldSides(uri.service, versions);
  if (old.length === 0) return null;
  const parts = old.map(
    ({ part, has, needs }) =>
      `${part === 'connect' ? 'Connect' : 'the appliance'} ${needs}, and it is ${has}`,
  );
  return `${uri.service} needs ${parts.join('; ')}`;
}

/** Whether the probe tested the same repository, or, if no destination was announced, the same session. */
function isSameTarget(input: ProbedTunnel & { probe: ProbeResult }): boolean {
  const { probe, forward } = input;
  return forward.uri === null
    ? findReasonInvalid({ ...input, maxAgeMs: Infinity }) === null
    : probe.port === forward.port && probe.uri === forward.uri;
}

/** The word for the result of a probe, whether or not it is still valid. */
function resultWord(probe: ProbeResult, now: number): string {
  const forward = forwardResult(probe);
  const isOpen = tunnelCodes[forward[0]].state === 'ok';
  const [code] = isOpen && probe.service !== null ? serviceResult(probe.service, now) : forward;
  return tunnelCodes[code].word;
}

/** Whether the probe found no fault in what it tested. */
export function isProbeWithoutFault(probe: ProbeResult, now: number): boolean {
  if (tunnelCodes[forwardResult(probe)[0]].state !== 'ok' || probe.service === null) return false;
  const { state } = serviceLayer({ probe, facts: probe.service, reported: null, now });
  return state === 'ok' || state === 'unknown';
}

function serviceBehind(forward: Layer, input: ProbedTunnel, reason: string): Layer {
  const { probe, now } = input;
  if (forward.state === 'ok' && probe !== null && probe.service !== null) {
    const reported = dialFailureResult({ ...input, probe });
    return serviceLayer({ probe, facts: probe.service, reported, now });
  }
  return forward.state === 'fail'
    ? uncheckedLayer('service', 'forward')
    : createLayer('T-6999', reason, null);
}

/**
 * Layers five and six of a tunnel whose first four layers are ok. `isFaded`: the last test of this repository
 * failed but is too old or from an earlier session, so the present state is unknown.
 */
export function diagnoseProbedLayers(
  input: ProbedTunnel & { applianceVersion: string | null; maxAgeMs: number },
): {
  forward: Layer;
  service: Layer;
  isFaded: boolean;
} {
  const { probe, now } = input;
  const invalidReason = probe === null ? 'not tested' : findReasonInvalid({ ...input, probe });
  const isFaded =
    probe !== null &&
    invalidReason !== null &&
    !isProbeWithoutFault(probe, now) &&
    isSameTarget({ ...input, probe });
  const validProbe = invalidReason === null ? probe : null;
  const reason = invalidReason ?? '';
  const forward =
    validProbe === null
      ? createLayer('T-5999', reason, null)
      : createLayer(...forwardResult(validProbe), validProbe.at);
  const service = serviceBehind(forward, { ...input, probe: validProbe }, reason);
  const old = hasAnswer(service) ? null : oldVersion(input.forward, input.session, input.applianceVersion);
  if (old === null) return { forward, service, isFaded };
  // The old version is the cause, not the network. So let the forward layer only warn.
  return {
    forward: forward.state === 'fail' ? { ...forward, state: 'warn' } : forward,
    service: createLayer('T-6401', old, validProbe?.at ?? null),
    isFaded,
  };
}

const hasAnswer = ({ code }: Layer) => code === 'T-6000' || code === 'T-6010' || code === 'T-6301';
