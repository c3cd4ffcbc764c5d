import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../../src-shared/errors.ts';
import {
  labAnnouncementSchema,
  type LabAnnouncement,
} from '../../../../src-shared/model/appliance/labAnnouncement.ts';
import { quoteArgv } from '../../../../src-shared/base/quoteArgv.ts';
import { programFolder } from '../../../base/programFolder.ts';
import { hopNameOf } from '../../../ssh/transport/hopName.ts';
import { formatTable, type Output } from '../output.ts';

const labEntry = join(programFolder(), 'src-appliance/lab/main.ts');

function labText(lab: LabAnnouncement): string {
  const rows = lab.appliances.map((appliance) => [
    appliance.name,
    hopNameOf(appliance),
    appliance.version,
    appliance.tenants.length,
  ]);
  const adding = lab.appliances.map((appliance) => {
    const key = ['--identity', appliance.identityFile, '--host-key', appliance.hostKeySha256];
    return quoteArgv(['sallyport', 'appliance', 'add', appliance.name, hopNameOf(appliance), ...key]);
  });
  return [
    formatTable(['NAME', 'ADDRESS', 'VERSION', 'TENANTS'], rows),
    '',
    'To add them:',
    ...adding.map((line) => `  ${line}`),
    '',
    'Press Ctrl+C to stop the lab and delete its files.',
  ].join('\n');
}

/**
 * Runs the lab as a separate program, so that the console reaches its appliances only over SSH. Returns the
 * lab's exit code. Throws NOT_FOUND in an installed package, because packages contain no lab.
 */
export function runLab(
  output: Output,
  options: Record<string, string | number | undefined>,
): Promise<number> {
  const flags = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  if (!existsSync(labEntry))
    throw new AppError(
      'NOT_FOUND',
      'This installation has no lab. To run the lab, use Sallyport’s source folder.',
    );
  // The lab stops when its stdin closes. So it also stops if this process is killed.
  const child = spawn(process.execPath, [...process.execArgv, labEntry, ...flags, '--exit-with-stdin'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).once('line', (line) => {
    const lab = labAnnouncementSchema.parse(JSON.parse(line));
    output.line(lab, () => labText(lab));
  });
  // After Ctrl-C, the terminal sends SIGINT to both processes, so this process only has to wait. A signal
  // that only this process got is sent to the lab.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal !== null) output.printError(`sallyport: the lab was stopped by ${signal}`);
      resolve(code ?? 1);
    });
  });
}
