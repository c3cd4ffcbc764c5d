import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import {
  labAnnouncementSchema,
  type LabAnnouncement,
} from '../../../../src-shared/model/appliance/labAnnouncement.ts';
import { quoteArgv } from '../../../../src-shared/base/quoteArgv.ts';
import { programFolder } from '../../../base/programFolder.ts';
import { hopNameOf } from '../../../ssh/transport/hopName.ts';
import { formatTable, type Output } from '../output.ts';

/** From source, the lab is a TypeScript file; in a build, it is a JavaScript file beside the bundle. */
const labEntry = import.meta.url.endsWith('.ts')
  ? join(programFolder(), 'src-appliance/lab/main.ts')
  : join(import.meta.dirname, 'lab.js');

function authorityLines({ url, folder, connected, offline }: LabAnnouncement['authority']): string[] {
  const answer = quoteArgv(['sallyport-authority', '--data', folder, 'answer', 'REQUEST_FILE']);
  return [
    `The licence authority answers at ${url}.`,
    ...(connected.length === 0 ? [] : [`  Connected: ${connected.join(', ')}`]),
    ...(offline.length === 0 ? [] : [`  Offline: ${offline.join(', ')}`]),
    `To answer a request: ${answer}`,
  ];
}

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
  const places = lab.faults.map(({ name, code, side, appliance, clientId }) => [
    name,
    clientId === null ? appliance : `${appliance}, tenant ${clientId}`,
    code,
    side,
  ]);
  return [
    formatTable(['NAME', 'ADDRESS', 'VERSION', 'TENANTS'], rows),
    '',
    'To add them:',
    ...adding.map((line) => `  ${line}`),
    '',
    ...authorityLines(lab.authority),
    '',
    ...(places.length === 0
      ? []
      : [
          'Faults begin when the tunnels are up:',
          formatTable(['FAULT', 'WHERE', 'CODE', 'SIDE'], places),
          'Write `end NAME` to end a fault, and `start NAME` to start it again.',
          '',
        ]),
    'Press Ctrl+C to stop the lab and delete its files.',
  ].join('\n');
}

function faultRows(faults: LabAnnouncement['faults']): string {
  const rows = faults.map(({ name, code, side, summary }) => [name, code, side, summary]);
  return formatTable(['FAULT', 'CODE', 'SIDE', 'WHAT HAPPENS'], rows);
}

/** Starts the lab as a separate program, so that the console reaches its appliances only over SSH. */
function startLabProgram(flags: readonly string[]) {
  const child = spawn(process.execPath, [...process.execArgv, labEntry, ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { child, ended };
}

/** Lists the faults that the lab can cause. Returns the exit code. */
export async function listLabFaults(output: Output): Promise<number> {
  const { child, ended } = startLabProgram(['--faults']);
  const [text, { code }] = await Promise.all([textOf(child.stdout), ended]);
  if (code !== 0) return code ?? 1;
  const faults = labAnnouncementSchema.shape.faults.parse(JSON.parse(text));
  output.line(faults, () => faultRows(faults));
  return 0;
}

/** Runs the lab until it is stopped. Returns its exit code. */
export async function runLab(
  output: Output,
  options: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): Promise<number> {
  const flags = Object.entries(options).flatMap(([name, value]) =>
    (typeof value === 'object' ? value : [value]).flatMap((one) =>
      one === undefined ? [] : [`--${name}`, String(one)],
    ),
  );
  // The lab stops when its stdin closes. So it also stops if this process is killed.
  const { child, ended } = startLabProgram([...flags, '--exit-with-stdin']);
  createInterface({ input: child.stdout }).once('line', (line) => {
    const lab = labAnnouncementSchema.parse(JSON.parse(line));
    output.line(lab, () => labText(lab));
    // Lines such as `end NAME` go to the lab.
    if (process.stdin.isTTY && lab.faults.length > 0)
      process.stdin.on('data', (typed: Buffer) => child.stdin.write(typed));
  });
  // After Ctrl-C, the terminal sends SIGINT to both processes, so this process only has to wait. A signal
  // that only this process got is sent to the lab.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const { code, signal } = await ended;
  process.stdin.pause();
  if (signal !== null) output.printError(`sallyport: the lab was stopped by ${signal}`);
  return code ?? 1;
}
