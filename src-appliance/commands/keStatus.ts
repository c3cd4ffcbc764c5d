import { describePings } from '../../src-shared/model/licence/licencePings.ts';
import { readStatus } from '../core/status.ts';
import { formatDuration } from '../../src-shared/base/time.ts';
import { readArguments, usage } from './arguments.ts';
import type { KeCommand } from './command.ts';

const gigabyte = 1e9;

export const keStatus: KeCommand = async ({ words, appliance, print }) => {
  const { words: rest, flags } = readArguments(words, {});
  if (rest.length > 0) throw usage('usage: ke_status [--json]');
  const status = await readStatus(appliance);
  if (flags.has('json')) return print.json(status);
  const { versions, clock } = status;
  print.line(`Appliance  ${status.identity.hostname}  ${status.identity.id}`);
  print.line(
    `Versions   appliance ${versions.appliance}, kit ${versions.kit}, sshd ${versions.sshd ?? 'unknown'}, ${versions.os ?? 'unknown'}`,
  );
  print.line(
    `Clock      ${clock.now}${clock.ranBackFrom === null ? '' : `, set back from ${clock.ranBackFrom}`}`,
  );
  print.line(`Up         ${formatDuration(status.uptimeSeconds * 1000)}`);
  if (status.listenAddress !== undefined)
    print.line(`Cluster    forwards listen on loopback and on ${status.listenAddress}`);
  for (const disk of status.disks)
    print.line(
      `Disk       ${disk.path}  ${(disk.freeBytes / gigabyte).toFixed(1)} of ${(disk.totalBytes / gigabyte).toFixed(1)} GB free`,
    );
  for (const service of status.services)
    print.line(
      `Service    ${service.name}  ${service.state}${service.detail === null ? '' : `  ${service.detail}`}`,
    );
  if (status.pings !== undefined) print.line(`Pings      ${describePings(status.pings)}`);
  for (const { name, code, detail } of status.findings)
    print.line(`Finding    ${name}${code === undefined ? '' : `  ${code}`}  ${detail}`);
  print.line(`Log        ${status.logs.syslog}`);
};
