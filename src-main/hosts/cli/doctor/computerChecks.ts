import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../../src-shared/errors.ts';
import { formatDuration, minuteMs } from '../../../../src-shared/base/time.ts';
import { describePolicyProblem, type Policy } from '../../../../src-shared/model/policy/policy.ts';
import type { Services } from '../../../services.ts';
import {
  defaultAgentPath,
  listAgentIdentities,
  noAgentReason,
} from '../../../ssh/transport/agentIdentities.ts';
import {
  failedResult,
  diskFinding,
  notCheckedResult,
  okResult,
  warningResult,
  type Check,
  type Finding,
} from './check.ts';
import { systemErrorCode } from '../../../../src-shared/node/systemErrorCode.ts';

/**
 * If the clock is behind the last audit record by at most this much, a time server may have just corrected
 * it.
 */
const maxClockStepMs = minuteMs;

function checkNode() {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18)
    ? okResult(`Node ${node}`)
    : failedResult(`Node ${node}`, 'Use Node 22.18 or newer.');
}

/**
 * Checks that only this user can read the data folder, because it contains addresses, names and the audit
 * trail. Call this before the folder is opened, because opening corrects its mode.
 */
export async function checkDataFolder(folder: string): Promise<Finding> {
  try {
    const { mode, uid } = await stat(folder);
    const own = process.getuid?.();
    if (own === undefined) return notCheckedResult(`${folder}: this system has no file modes`);
    const rights = (mode & 0o777).toString(8).padStart(4, '0');
    if (own !== 0 && uid !== own)
      return failedResult(
        `${folder} belongs to another user`,
        'Change its owner to the user who runs Sallyport (chown).',
      );
    return (mode & 0o077) === 0
      ? okResult(`${folder}, mode ${rights}`)
      : warningResult(
          `${folder} had mode ${rights}: other users could read it`,
          'Sallyport has set it to 0700. Other users can’t read it any more; check whether any of them read it before.',
        );
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT')
      return notCheckedResult(`${folder} does not exist yet; Sallyport creates it on first use`);
    return failedResult(
      `${folder}: ${thrown instanceof Error ? thrown.message : 'unknown reason'}`,
      'Check --data.',
    );
  }
}

async function checkStore(folder: string) {
  const file = join(folder, 'store.db');
  try {
    await access(file, constants.R_OK | constants.W_OK);
    return okResult('Readable and writable.');
  } catch {
    return failedResult(
      `${file} is not writable`,
      'Change its owner to the user who runs Sallyport (chown).',
    );
  }
}

async function checkDisk(folder: string) {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return diskFinding({ freeBytes: bavail * bsize, totalBytes: blocks * bsize }, folder);
  } catch {
    return notCheckedResult(`The free space of ${folder} can’t be read`);
  }
}

async function checkAgent(path: string | null) {
  if (path === null)
    return notCheckedResult(noAgentReason, 'You need an agent only if your keys are kept in one.');
  try {
    const identities = await listAgentIdentities(path);
    if (identities.length === 0)
      return warningResult('The agent answers but holds no key.', 'Add a key: ssh-add FILE');
    const labels = identities.map((identity) =>
      identity.usable ? identity.label : `${identity.label} (${identity.reason})`,
    );
    return identities.some((identity) => identity.usable)
      ? okResult(labels.join(', '))
      : warningResult(labels.join(', '), 'Add an Ed25519, ECDSA or RSA key: ssh-add FILE');
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'the agent does not answer';
    return failedResult(why, 'Restart the agent, or unset SSH_AUTH_SOCK.');
  }
}

/** Fails if the clock is behind the last audit record, because it was set back then. */
function checkClock(services: Services, now: number) {
  const [latest] = services.audit.list({ before: null, limit: 1, query: '' }).records;
  if (latest === undefined) return notCheckedResult('No audit record yet to compare with.');
  const aheadMs = Date.parse(latest.at) - now;
  return aheadMs > maxClockStepMs
    ? failedResult(`${formatDuration(aheadMs)} behind the last audit record.`, 'Set this computer’s clock.')
    : okResult(`${new Date(now).toISOString()}, after the last audit record`);
}

/** Checks the managed policy file. */
export function policyFinding(policy: Policy): Finding {
  const { path, state, problems, warnings, locks, connectedWindow } = policy;
  if (state === 'absent') return okResult(`${path} does not exist: nothing is locked or forbidden`);
  if (state === 'faulty')
    return failedResult(
      problems.map((problem) => describePolicyProblem(path, problem)).join('; '),
      'Correct the file, then restart Sallyport. Until then, the connected window is forbidden.',
    );
  if (warnings.length > 0)
    return warningResult(warnings.join(' '), 'Let only root write the file and its folder (chown, chmod).');
  const count = `${locks.length} setting${locks.length === 1 ? '' : 's'} locked`;
  return okResult(`${path}: ${count}, connected window ${connectedWindow}`);
}

/** Checks this computer. `dataFolder` is the result of `checkDataFolder`. */
export async function checkComputer(input: {
  folder: string;
  dataFolder: Finding;
  /** Null if the data folder could not be opened; `failure` is the reason then. */
  services: Services | null;
  failure: unknown;
  policy: Policy;
  now: number;
}): Promise<Check[]> {
  const { folder, services, failure, now } = input;
  const store =
    services !== null
      ? await checkStore(folder)
      : failedResult(
          failure instanceof AppError ? failure.message : 'It can’t be opened.',
          'Check its permissions and free space.',
        );
  const findings = {
    Node: checkNode(),
    'data folder': input.dataFolder,
    data: store,
    disk: await checkDisk(folder),
    policy: policyFinding(input.policy),
    agent: await checkAgent(defaultAgentPath()),
    clock:
      services === null ? notCheckedResult('The data folder can’t be opened.') : checkClock(services, now),
  };
  return Object.entries(findings).map(([name, finding]) => ({ about: 'this computer', name, ...finding }));
}
