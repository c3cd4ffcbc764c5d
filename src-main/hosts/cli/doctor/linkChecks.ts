import { z } from 'zod';
import { errorCodes } from '../../../../src-shared/errorCodes.ts';
import type { LinkFault } from '../../../../src-shared/errorFacts.ts';
import type { AppError } from '../../../../src-shared/errors.ts';
import { failedResult, notCheckedResult, okResult, type Finding } from './check.ts';

const linkStages = ['reachable', 'host key', 'login'] as const;
type LinkStage = (typeof linkStages)[number];
type LinkStop = {
  stage: LinkStage;
  advice: string;
  /** Advice if a jump host has the fault. If undefined, `advice` applies. */
  adviceAtJump?: string;
};

/** For each kind of connection error: the stage that failed, and the advice. */
const linkStops: Record<LinkFault, LinkStop> = {
  address: {
    stage: 'reachable',
    advice: 'Check address, port, firewall and the SSH server.',
  },
  'host key': {
    stage: 'host key',
    advice:
      'Compare the fingerprint with that on the appliance. Pin a new key: sallyport appliance edit NAME --host-key SHA256:… Replace a changed key on the appliance’s page.',
    adviceAtJump:
      'Compare the fingerprint with that on the jump host. Pin a new key: sallyport appliance edit NAME --jump-host-key SHA256:… Replace a changed key on the appliance’s page.',
  },
  algorithms: {
    stage: 'host key',
    advice:
      'Update the SSH server, or allow old algorithms: sallyport appliance edit NAME --legacy-algorithms',
  },
  login: {
    stage: 'login',
    advice:
      'Add the public key to authorized_keys on that host, or add the private key to the agent: ssh-add FILE',
  },
  vault: {
    stage: 'login',
    advice:
      'Enter the passphrase of the vault: in a terminal this command asks for it, and --passphrase-fd N reads it from an open file.',
  },
};

const hopDetailSchema = z.object({ hop: z.string(), hopIndex: z.int().optional() });
const notReached = notCheckedResult('Not reached.');

/**
 * Derives the result of each stage of a connection from the error that stopped it. Jump hosts come first.
 * `seen` is the evidence for stages that succeeded; stages after the failed hop are not checked.
 */
export function linkFinding(
  error: AppError | null,
  link: { jumps: readonly string[]; target: string; seen: Record<LinkStage, string> },
): Record<string, Finding> {
  const { jumps, target, seen } = link;
  const byJump = (evaluate: (index: number) => Finding) =>
    Object.fromEntries(
      jumps.map((hop, index) => {
        const isAgain = jumps.indexOf(hop) !== index;
        return [`jump host ${hop}${isAgain ? ` (${index + 1})` : ''}`, evaluate(index)];
      }),
    );
  if (error === null)
    return {
      ...byJump(() => okResult('Forwards the connection.')),
      ...stageFindings((stage) => okResult(seen[stage])),
    };
  const { linkFault } = errorCodes[error.code];
  const stop = linkFault === undefined ? null : linkStops[linkFault];
  const { hop, hopIndex } = hopDetailSchema.safeParse(error.detail).data ?? {};
  const failedHop = hopIndex ?? (hop === target ? jumps.length : jumps.indexOf(hop ?? ''));
  if (failedHop >= 0 && failedHop < jumps.length)
    return {
      ...byJump((index) => {
        if (index === failedHop) return failedResult(error.message, adviceAtJump(error, stop));
        return index < failedHop ? okResult('Forwards the connection.') : notReached;
      }),
      ...stageFindings(() => notReached),
    };
  // The error may not name its hop. Then a jump host may have failed, and no stage of the target is known to
  // have succeeded.
  const isSure = stop !== null || hopIndex !== undefined;
  const isTarget = (failedHop === jumps.length && isSure) || jumps.length === 0;
  const failed = linkStages.indexOf(isTarget && stop !== null ? stop.stage : 'reachable');
  return {
    ...byJump(() =>
      isTarget
        ? okResult('Forwards the connection.')
        : notCheckedResult('It is unknown which host on the way failed.'),
    ),
    ...stageFindings((stage, index) => {
      if (index < failed) return okResult(seen[stage]);
      return index === failed ? failedResult(error.message, stop?.advice ?? adviseByCode(error)) : notReached;
    }),
  };
}

function adviceAtJump(error: AppError, stop: LinkStop | null): string {
  if (stop === null) return adviseByCode(error);
  return stop.adviceAtJump ?? stop.advice;
}

const adviseByCode = ({ code }: AppError) => `docs/errors.md explains ${code}.`;

function stageFindings(evaluate: (stage: LinkStage, index: number) => Finding): Record<string, Finding> {
  return Object.fromEntries(linkStages.map((stage, index) => [stage, evaluate(stage, index)]));
}
