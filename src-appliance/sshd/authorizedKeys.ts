import { readFileSync } from 'node:fs';
import { authorizedKeysLine, findTenantByKey, type Authorization } from '../core/authorization.ts';
import { saveLogIn } from '../core/logInRecords.ts';
import { parseStat } from '../core/procfs.ts';

/**
 * sshd's AuthorizedKeysCommand: `keys.mjs CONFIG REGISTRAR BLOB`. Prints the one line that fits the offered key, or
 * nothing. Runs for every key that anybody offers, so it loads no library. Any failure refuses the log-in.
 */
function readConfig(path: string): {
  stateFolder: string;
  runFolder: string;
  listenAddress: string | undefined;
} {
  const config: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof config === 'object' && config !== null && 'stateFolder' in config && 'runFolder' in config) {
    const { stateFolder, runFolder } = config;
    const listenAddress =
      'listenAddress' in config && typeof config.listenAddress === 'string'
        ? config.listenAddress
        : undefined;
    if (typeof stateFolder === 'string' && typeof runFolder === 'string')
      return { stateFolder, runFolder, listenAddress };
  }
  throw new Error('the configuration has no folders');
}

/** The permission that holds now; null refuses. */
function authorize(stateFolder: string, keyBlob: string): Authorization | null {
  const found = findTenantByKey({ stateFolder, keyBlob });
  return found === null || found.suspended ? null : found;
}

function record(runFolder: string, authorization: Authorization): void {
  const monitor = parseStat(readFileSync(`/proc/${process.ppid}/stat`, 'utf8'));
  if (monitor === null) throw new Error('the parent process cannot be read');
  saveLogIn(runFolder, {
    monitorPid: monitor.pid,
    monitorStartTicks: monitor.startTicks,
    clientId: authorization.clientId,
    fingerprint: authorization.fingerprint,
    ports: authorization.ports,
    at: new Date().toISOString(),
  });
}

function main(): string {
  const [configPath, registrar, keyBlob] = process.argv.slice(2);
  if (configPath === undefined || registrar === undefined || keyBlob === undefined)
    throw new Error('usage: keys.mjs CONFIG REGISTRAR BLOB');
  const { stateFolder, runFolder, listenAddress } = readConfig(configPath);
  let authorization = authorize(stateFolder, keyBlob);
  while (authorization !== null) {
    record(runFolder, authorization);
    // A change between look-up and record would miss this log-in when it ends sessions. Once the record is there,
    // either the change sees it, or this second look sees the change.
    const again = authorize(stateFolder, keyBlob);
    if (JSON.stringify(again) === JSON.stringify(authorization))
      return `${authorizedKeysLine({ authorization, registrar, listenAddress })}\n`;
    authorization = again;
  }
  return '';
}

try {
  process.stdout.write(main());
} catch (error) {
  process.stderr.write(`authorized-keys: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
}
