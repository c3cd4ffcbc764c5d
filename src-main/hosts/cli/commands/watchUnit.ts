import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { AppError } from '../../../../src-shared/errors.ts';
import { replaceFile } from '../../../../src-shared/node/files.ts';
import { dataFolder } from '../../../base/dataFolder.ts';
import type { Globals } from '../withConsole.ts';

const unitName = 'sallyport-watch.service';

/** One argument of ExecStart: `%` and `$` have a meaning for systemd, also inside quotes **[doc]**. */
function quoteUnitArgument(text: string): string {
  if (/[\u0000-\u001f\u007f]/u.test(text))
    throw new AppError('INVALID_INPUT', `A unit can’t contain this path: ${JSON.stringify(text)}.`);
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/u.test(escaped) ? escaped : `"${escaped}"`;
}

/** The text of the unit that runs `argv`. */
export const buildWatchUnit = (argv: readonly string[]): string => `[Unit]
Description=Sallyport watches appliances and sends notifications

[Service]
Type=exec
ExecStart=${argv.map(quoteUnitArgument).join(' ')}
Restart=on-failure
RestartSec=10
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
`;

/** Writes the unit of this user, or prints it. Throws INVALID_INPUT on a computer that is not Linux. */
export async function installWatchUnit(globals: Globals, { print }: { print: boolean }): Promise<number> {
  const { argv, execArgv, execPath } = process;
  const [, program = ''] = argv;
  const folder = resolve(dataFolder(globals.data));
  const text = buildWatchUnit([execPath, ...execArgv, resolve(program), '--data', folder, 'watch']);
  const configuration = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  const path = join(configuration, 'systemd', 'user', unitName);
  if (print) {
    globals.output.print({ path, text }, () => text.trimEnd());
    return exitCodes.done;
  }
  if (process.platform !== 'linux')
    throw new AppError(
      'INVALID_INPUT',
      'Only Linux has systemd. Start sallyport watch at your login instead.',
    );
  mkdirSync(dirname(path), { recursive: true });
  replaceFile({ path, data: text, mode: 0o644, isDurable: true });
  globals.output.print({ path, text }, () =>
    [
      `${path} was written. Start it, now and at each login:`,
      `  systemctl --user daemon-reload && systemctl --user enable --now ${unitName}`,
      'To let it run while you are not logged in: loginctl enable-linger',
      `What it does: journalctl --user --unit ${unitName} --follow`,
    ].join('\n'),
  );
  return exitCodes.done;
}
