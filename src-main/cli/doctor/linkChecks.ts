import type { AppError, ErrorCode } from '../../../src-shared/errors.ts';
import { bad, notChecked, ok, type Finding } from './check.ts';

const linkStages = ['reachable', 'host key', 'log-in'] as const;
type LinkStage = (typeof linkStages)[number];
type LinkStop = { stage: LinkStage; advice: string };

const unreachable: LinkStop = {
  stage: 'reachable',
  advice: 'Check address, port, firewall and the sshd there.',
};
const wrongHostKey: LinkStop = {
  stage: 'host key',
  advice: 'Compare the fingerprint with the one that the appliance shows, then pin it with --host-key.',
};
const weakAlgorithms: LinkStop = {
  stage: 'host key',
  advice: 'Update the SSH server there, or enter the appliance again with --legacy-algorithms.',
};
const refusedLogIn: LinkStop = {
  stage: 'log-in',
  advice: 'Put the public half into authorized_keys there, or give the agent the key: ssh-add FILE',
};

/** How far a link came, by the error that stopped it; null if the error says nothing about that. */
const linkStops: Record<ErrorCode, LinkStop | null> = {
  CONNECT_FAILED: unreachable,
  CONNECT_TIMEOUT: unreachable,
  HOST_KEY_UNKNOWN: wrongHostKey,
  HOST_KEY_CHANGED: wrongHostKey,
  ALGORITHMS_REFUSED: weakAlgorithms,
  AUTHENTICATION_FAILED: refusedLogIn,
  SECRET_NEEDED: refusedLogIn,
  KEY_UNREADABLE: refusedLogIn,
  LINK_LOST: null,
  LINK_NOT_READY: null,
  INVALID_INPUT: null,
  NOT_FOUND: null,
  ALREADY_EXISTS: null,
  ADDRESS_TAKEN: null,
  NOT_PERMITTED: null,
  CONFLICT: null,
  TOO_MANY_KEYS: null,
  BUSY: null,
  LICENCE_FORBIDS: null,
  VERIFICATION_FAILED: null,
  COMMAND_FAILED: null,
  COMMAND_MISSING: null,
  COMMAND_TIMEOUT: null,
  OUTPUT_TOO_LARGE: null,
  OUTPUT_UNPARSED: null,
  SUDO_REFUSED: null,
  UPLOAD_FAILED: null,
  LOG_UNREADABLE: null,
  STORE_FROM_FUTURE: null,
  STORE_FAILED: null,
  AUDIT_BROKEN: null,
  PORT_UNAVAILABLE: null,
  CANCELLED: null,
  INTERNAL: null,
};

/** Judges each stage of a link by the error that stopped it; `seen` is the evidence of those that were passed. */
export function judgeLink(
  error: AppError | null,
  seen: Record<LinkStage, string>,
): Record<LinkStage, Finding> {
  const stop =
    error === null
      ? null
      : (linkStops[error.code] ?? {
          stage: 'reachable',
          advice: `docs/errors.md explains ${error.code}.`,
        });
  const judge = (stage: LinkStage): Finding => {
    if (error === null || stop === null || linkStages.indexOf(stage) < linkStages.indexOf(stop.stage))
      return ok(seen[stage]);
    return stage === stop.stage ? bad(error.message, stop.advice) : notChecked('Not reached.');
  };
  return { reachable: judge('reachable'), 'host key': judge('host key'), 'log-in': judge('log-in') };
}
