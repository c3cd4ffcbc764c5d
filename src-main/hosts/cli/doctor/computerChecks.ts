import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../../src-shared/errors.ts';
import { formatDuration, minuteMs } from '../../../../src-shared/base/time.ts';
import type { Services } from '../../../services.ts';
import { defaultAgentPath, listAgentIdentities, noAgent } from '../../../ssh/transport/agentIdentities.ts';
import { bad, diskFinding, notChecked, ok, warn, type Check, type Finding } from './check.ts';
import { systemErrorCode } from '../../../../src-shared/node/systemErrorCode.ts';

/** A record may be this much ahead of the clock, which a time server may just have set back. */
const maxClockStepMs = minuteMs;

function checkNode() {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18)
    ? ok(`Node ${node}`)
    : bad(`Node ${node}`, 'Use Node 22.18 or newer.');
}

/**
 * Who else may read the data folder: it holds addresses, names and the audit trail. To be asked before the folder is
 * opened, which sets its mode.
 */
export async function checkDataFolder(folder: string): Promise<Finding> {
  try {
    const { mode, uid } = await stat(folder);
    const own = process.getuid?.();
    if (own === undefined) return notChecked(`${folder}: this system has no such rights`);
    const rights = (mode & 0o777).toString(8).padStart(4, '0');
    if (own !== 0 && uid !== own)
      return bad(`${folder} belongs to another user`, 'Give it to the user who runs Sallyport: chown.');
    return (mode & 0o077) === 0
      ? ok(`${folder}, mode ${rights}`)
      : warn(
          `${folder} had mode ${rights}: others could look into it`,
          'Sallyport has set it to 0700. Check who else uses it.',
        );
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT')
      return notChecked(`${folder} was not there yet; it is made at the first use`);
    return bad(`${folder}: ${thrown instanceof Error ? thrown.message : 'unknown reason'}`, 'Check --data.');
  }
}

async function checkStore(folder: string) {
  const file = join(folder, 'store.db');
  try {
    await access(file, constants.R_OK | constants.W_OK);
    return ok('It opens, and this user may write it.');
  } catch {
    return bad(`${file} may not be written`, 'Give it to the user who runs Sallyport: chown.');
  }
}

async function checkDisk(folder: string) {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return diskFinding({ freeBytes: bavail * bsize, totalBytes: blocks * bsize }, folder);
  } catch {
    return notChecked(`${folder} can't be measured`);
  }
}

async function checkAgent(path: string | null) {
  if (path === null) return notChecked(noAgent, 'Needed only for keys that an agent holds.');
  try {
    const identities = await listAgentIdentities(path);
    if (identities.length === 0)
      return warn('The agent answers and holds no key.', 'Give it one: ssh-add FILE');
    const labels = identities.map((one) => (one.usable ? one.label : `${one.label} (${one.reason})`));
    return identities.some((one) => one.usable)
      ? ok(labels.join(', '))
      : warn(labels.join(', '), 'Give it an Ed25519, ECDSA or RSA key: ssh-add FILE');
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'the agent does not answer';
    return bad(why, 'Start the agent again, or unset SSH_AUTH_SOCK.');
  }
}

/** A clock that stands before what was recorded with it has been set back. */
function checkClock(services: Services, now: number) {
  const [latest] = services.audit.list({ before: null, limit: 1, query: '' }).records;
  if (latest === undefined) return notChecked('Nothing was recorded yet that it could be compared with.');
  const aheadMs = Date.parse(latest.at) - now;
  return aheadMs > maxClockStepMs
    ? bad(`It is ${formatDuration(aheadMs)} behind the last audit record.`, "Set this computer's clock.")
    : ok(`${new Date(now).toISOString()}, after the last audit record`);
}

/** Checks this computer. `openConsole` opens the data folder, and may fail for what is wrong with it. */
export async function checkComputer(input: {
  folder: string;
  dataFolder: Finding;
  /** Null if it could not be opened; then `failure` says why. */
  services: Services | null;
  failure: unknown;
  now: number;
}): Promise<Check[]> {
  const { folder, services, failure, now } = input;
  const store =
    services !== null
      ? await checkStore(folder)
      : bad(failure instanceof AppError ? failure.message : 'It does not open.', 'Check rights and space.');
  const findings = {
    Node: checkNode(),
    'data folder': input.dataFolder,
    data: store,
    disk: await checkDisk(folder),
    agent: await checkAgent(defaultAgentPath()),
    clock: services === null ? notChecked('The data folder does not open.') : checkClock(services, now),
  };
  return Object.entries(findings).map(([name, finding]) => ({ about: 'this computer', name, ...finding }));
}
