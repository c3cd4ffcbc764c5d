import { aLicence } from './aLicence.ts';
import { z } from 'zod';
import type { ApplianceStatus } from '../src-shared/model/appliance/applianceStatus.ts';
import { aConnectedTenant } from './aTenant.ts';
import { startAnsweringSshd, type CommandOutput } from './answeringSshd.ts';
import { hostileAnswers } from './hostileAnswers.ts';

/*
 * Runs a healthy appliance in its own process. The parent process can replace its list of tenants by one of
 * `hostileAnswers`. `answeringProcess.ts` starts this file.
 */
const status = (): ApplianceStatus => ({
  contract: 1,
  identity: { id: '0a5d4f0c-7b0e-4f3b-9c86-3d1f5e2b7a90', hostname: 'kiln' },
  versions: { appliance: '1.14.4', kit: '0.1.0', sshd: 'OpenSSH_9.2p1', os: 'Debian 12' },
  clock: { now: new Date().toISOString(), ranBackFrom: null },
  uptimeSeconds: 3600,
  disks: [{ path: '/', totalBytes: 1e10, freeBytes: 5e9 }],
  services: [{ name: 'sshd', state: 'running', detail: null }],
  findings: [],
  logs: { syslog: '/var/log/syslog' },
});
const licence = aLicence();
const honestList = (): string =>
  JSON.stringify({
    contract: 1,
    portRange: { first: 2200, last: 5199 },
    tenants: [aConnectedTenant('acme', [2200, 2201])],
    refusedLogIns: [],
  });

let printList: () => CommandOutput = honestList;

const sshd = await startAnsweringSshd((command) => {
  if (!command.includes('--json')) return null;
  if (command.includes('ke_status')) return JSON.stringify(status());
  if (command.includes('ke_manage_license_key')) return JSON.stringify(licence);
  return command.includes('ke_manage_remote_networks') ? printList() : null;
});
const { stop, ...address } = sshd;
const requestSchema = z.object({ print: z.string() });

process.on('message', (message) => {
  const { print } = requestSchema.parse(message);
  const answer = hostileAnswers[print];
  if (answer === undefined) throw new Error(`there is no answer ${print}`);
  // Generate the text now, so that the time for that is not measured as reading time.
  const text = answer.print();
  printList = () => text;
  process.send?.('ready');
});
process.on('disconnect', () => void stop().then(() => process.exit(0)));
process.send?.(address);
