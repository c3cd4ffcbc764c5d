import { z } from 'zod';
import { tokenMinutes } from '../../src-shared/contract/webSession.ts';
import type { Part, PartEnd } from '../part.ts';
import { findDesktopFault, type DesktopFault } from './desktopFaults.ts';
import { createDownloadReport, type ReportOutput } from './downloadReport.ts';
import { fetchRuntime, findDesktopRuntime, type Computer, type RuntimeFetch } from './electronRuntime.ts';
import { DownloadFailure } from './resumedDownload.ts';
import type { Parts } from './parts.ts';

export type ConsoleOptions = {
  parts: Parts;
  computer: Computer;
  /** Electron's package, and where an incomplete download of its runtime is kept. */
  runtime: Pick<RuntimeFetch, 'packageFolder' | 'partFolder' | 'limits'>;
  isWeb: boolean;
  desktopArguments: string[];
  /** Starts the web host. Its first line is a JSON object with its address. */
  startWeb: (onLine: (line: string) => void) => Part;
  /** Listens for Enter until `stop`, so that the web host can read it afterwards. */
  onEnter: (listener: () => void) => { isListening: boolean; stop: () => void };
  /** What ends with the console: `the console and the lab`. */
  ends: string;
  output: ReportOutput;
  signal: AbortSignal;
};

const openedSchema = z.object({ opened: z.literal(true) });

/** Whether a line of the desktop's output says that its window is open. */
function isOpened(line: string): boolean {
  try {
    return openedSchema.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}

function fetchFault(thrown: unknown): DesktopFault {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const kind = thrown instanceof DownloadFailure ? thrown.kind : null;
  if (kind === 'unreachable')
    return {
      reason: `Electron's runtime can't be downloaded from here (${message})`,
      remedy:
        'connect this computer to the internet, or set ELECTRON_MIRROR to a server that has the runtime',
    };
  // A checksum that differs fills several lines.
  const [firstLine = ''] = message.split('\n');
  return {
    reason: `the download of Electron's runtime failed (${firstLine})`,
    remedy:
      kind === 'interrupted'
        ? 'run npm start again; it continues with what has arrived'
        : 'set ELECTRON_MIRROR to a server that has the runtime',
  };
}

/** Opens the console on the desktop or in the browser, and tells the user which and why. */
export function createConsoleOpener(options: ConsoleOptions) {
  const { parts, output, signal } = options;
  let web: Part | null = null;
  const say = (text: string) => output.write(`${text}\n`);

  async function openBrowser(): Promise<void> {
    if (web !== null) return;
    web = options.startWeb((line) => {
      const { url } = z.object({ url: z.string() }).parse(JSON.parse(line));
      say(`Sallyport: ${url}`);
    });
    await web.firstLine();
    parts.watch(web);
    say(
      `An address works once, within ${tokenMinutes} minutes. Press Enter for a new one. Ctrl+C ends ${options.ends}.`,
    );
  }

  async function openInstead({ reason, remedy }: DesktopFault): Promise<void> {
    say(
      `The desktop can't open: ${reason}.\nTo open it, ${remedy}.${web === null ? ' Until then, the console runs in the browser.' : ''}`,
    );
    await openBrowser();
  }

  async function openDesktop(executable: string): Promise<void> {
    const opened = Promise.withResolvers<null>();
    let fault: DesktopFault | null = null;
    const desktop = parts.start({
      name: 'The desktop',
      command: executable,
      args: [...options.desktopArguments, '--announce'],
      env: options.computer.env,
      onLine: (line) => (isOpened(line) ? opened.resolve(null) : say(line)),
      onErrorLine: (line) => (fault ??= findDesktopFault(line, executable)),
    });
    const end: PartEnd | null = await Promise.race([opened.promise, desktop.ended]);
    if (end === null) {
      // With the browser open as well, the end of the desktop's window is not the end of the work.
      if (web === null) parts.watch(desktop);
      else {
        say('The desktop is open. The page in the browser keeps working until Ctrl+C.');
        void desktop.ended.then((end) => end.code === 0 || signal.aborted || say(desktop.describe(end)));
      }
    } else if (end.code === 0) {
      // Another desktop has this data folder open and shows its window.
      if (web === null) parts.watch(desktop);
    } else if (!signal.aborted)
      await openInstead(
        fault ?? {
          reason: `it ended before its window opened. ${desktop.describe(end)}`,
          remedy: 'see the lines above',
        },
      );
  }

  /** Resolves with the executable, or null if the console opened in the browser for good. */
  async function waitForRuntime(): Promise<string | null> {
    const enter = options.onEnter(() => {
      enter.stop();
      report.end();
      say('Opening in the browser. The download goes on, and the desktop opens when it is complete.');
      openBrowser().catch((error: unknown) => say(error instanceof Error ? error.message : String(error)));
    });
    const report = createDownloadReport({
      output,
      hint: enter.isListening ? 'Press Enter to open the browser now.' : '',
      clock: () => performance.now(),
    });
    say("Electron's runtime is not installed yet: downloading it once.");
    try {
      return await fetchRuntime({
        ...options.runtime,
        computer: options.computer,
        onProgress: (state) => report.update(state),
        signal,
      });
    } catch (thrown) {
      report.end();
      enter.stop();
      if (!signal.aborted) await openInstead(fetchFault(thrown));
      return null;
    } finally {
      report.end();
      enter.stop();
    }
  }

  /** Resolves when the console is open, or when `signal` aborted a download. */
  return async (): Promise<void> => {
    if (options.isWeb) {
      say('Opening in the browser, because --web was given.');
      return openBrowser();
    }
    const found = findDesktopRuntime(options.runtime.packageFolder, options.computer);
    if (found.state === 'impossible') return openInstead(found.fault);
    const executable = found.state === 'present' ? found.executable : await waitForRuntime();
    if (executable !== null && !signal.aborted) await openDesktop(executable);
  };
}
