import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors.ts';
import { secondMs } from '../../../src-shared/base/time.ts';
import { shorten, visibleLine } from '../../../src-shared/base/machineText.ts';
import { runProgram } from '../../../src-shared/node/runProgram.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';
import type { TargetMessage } from '../../../src-shared/model/notifications/targetMessage.ts';
import type { TargetSender } from './targetSender.ts';

/** If more arrive at once, one notification covers the others, as on the page **[ours]**. */
const maxAtOnce = 2;
const maxTextLength = 400;
const timeoutMs = 10 * secondMs;

type Shown = { title: string; text: string; isUrgent: boolean };

/** Bodies of notifications can be markup, and notify-send reads escapes such as `\074` in them **[doc]**. */
const escapeBody = (text: string) =>
  text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** Texts are arguments of a script, never part of it. */
const appleScript = 'on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run';

const programs: Partial<
  Record<
    NodeJS.Platform,
    { program: string; missing: string; argv: (shown: Shown) => string[]; hasDesktop: () => boolean }
  >
> = {
  linux: {
    program: 'notify-send',
    missing: 'notify-send is not installed; Debian has it in libnotify-bin',
    argv: ({ title, text, isUrgent }) => [
      '--app-name=Sallyport',
      `--urgency=${isUrgent ? 'critical' : 'normal'}`,
      '--',
      title,
      escapeBody(text),
    ],
    hasDesktop: () => {
      const folder = process.env['XDG_RUNTIME_DIR'];
      return (
        (process.env['DBUS_SESSION_BUS_ADDRESS'] ?? '') !== '' ||
        (folder !== undefined && existsSync(join(folder, 'bus')))
      );
    },
  },
  darwin: {
    program: 'osascript',
    missing: 'osascript is missing',
    argv: ({ title, text }) => ['-e', appleScript, title, text],
    hasDesktop: () => true,
  },
};

const refuse = (why: string, cause?: unknown) =>
  new AppError('DESTINATION_REFUSED', `No desktop notification was shown: ${why}.`, { cause });

async function show(shown: Shown, signal: AbortSignal): Promise<void> {
  const desktop = programs[process.platform];
  if (desktop === undefined) throw refuse(`Sallyport can’t show them on ${process.platform}; use a webhook`);
  if (!desktop.hasDesktop()) throw refuse('this program runs in no desktop session');
  try {
    await runProgram(desktop.program, desktop.argv(shown), { timeout: timeoutMs, signal });
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'ENOENT') throw refuse(desktop.missing, thrown);
    const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr) : String(thrown);
    throw refuse(shorten(visibleLine(said.trim()), 200) || `${desktop.program} failed`, thrown);
  }
}

const shownOf = ({ title, text, tone }: TargetMessage): Shown => ({
  title: visibleLine(title),
  text: shorten(visibleLine(text.slice(title.length).replace(/^: /u, '')), maxTextLength),
  isUrgent: tone === 'bad',
});

/** Shows messages on the desktop of this user. */
export function createDesktopSender(): TargetSender {
  return {
    send: async (messages, signal) => {
      const isMany = messages.length > maxAtOnce + 1;
      const own = isMany ? messages.slice(0, maxAtOnce) : messages;
      for (const message of own) await show(shownOf(message), signal);
      if (!isMany) return;
      const others = messages.slice(maxAtOnce);
      const rest = {
        title: `${others.length} more notifications`,
        text: shorten(others.map(({ title }) => visibleLine(title)).join('; '), maxTextLength),
        isUrgent: others.some(({ tone }) => tone === 'bad'),
      };
      await show(rest, signal);
    },
    close: () => undefined,
  };
}
