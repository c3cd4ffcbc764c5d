import { AppError } from '../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { programVersion } from '../../../base/programVersion.ts';
import { namesToHide } from '../../../syslog/export/namesToHide.ts';
import { nextNumbers, redactBundle, writeBundle, type Bundle } from '../../../support/bundle.ts';
import { bundleParts, collectFiles, type BundlePart } from '../../../support/collect.ts';
import { formatTable, formatValue } from '../output.ts';
import type { RedactionRequest } from '../redactionOptions.ts';
import { stopSignal } from '../stopSignal.ts';
import { noAppliancesText, pollAppliances, withConsole, type Globals } from '../withConsole.ts';
import { chooseAppliances, readQuery, readTime, updateLogs } from './keptLines.ts';
import { createChosenRedactor, formatRedaction } from './redaction.ts';

export type SupportBundle = RedactionRequest & {
  names: readonly string[];
  since: string;
  until: string;
  query: string;
  without: BundlePart[];
  out?: string;
  offline: boolean;
};

function printBundle({ output }: Globals, out: string | null, { files, redaction, preview }: Bundle): void {
  const shown = out === null ? { preview } : { file: out };
  output.print({ ...shown, files, redaction }, () =>
    [
      ...(out === null ? preview.map(({ file, line }) => `${file}: ${formatValue(line)}`) : [`${out}:`]),
      formatTable(
        ['File', 'Bytes'],
        files.map(({ name, bytes }) => [name, bytes]),
      ),
      formatRedaction(redaction),
    ].join('\n'),
  );
}

/** The new archive; null for a preview. Throws INVALID_INPUT if there is neither. */
function outOf({ out, preview }: { out?: string; preview: boolean }): string | null {
  if (preview) return null;
  if (out === undefined) throw new AppError('INVALID_INPUT', 'Add --out FILE, or --preview.');
  return out;
}

/** Writes what support needs of a time range into one archive. */
export function writeSupportBundle(globals: Globals, request: SupportBundle): Promise<number> {
  const out = outOf(request);
  const query = readQuery(request.query);
  const from = readTime('--since', request.since).start;
  const to = readTime('--until', request.until).end - 1;
  return withConsole(globals, async (services) => {
    const { inventory, fleet, keptLogs, audit } = services;
    const entries = chooseAppliances(services, request.names);
    if (entries.length === 0) globals.output.printError(noAppliancesText);
    if (!request.offline) {
      await pollAppliances(services, entries, globals.output);
      const stop = stopSignal();
      await updateLogs(globals, services, entries, stop.signal).finally(stop.release);
    }
    const redactor = createChosenRedactor(request, namesToHide(inventory.list(), fleet));
    const parts = bundleParts.filter((part) => !request.without.includes(part));
    const scope = { entries, parts, query, from, to, isOnline: !request.offline };
    const hide = (text: string) => redactor?.redact(text).text ?? text;
    const about = {
      program: `sallyport ${programVersion}`,
      writtenAt: new Date().toISOString(),
      appliances: entries.map(({ name }) => hide(name)),
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      query: hide(request.query),
      parts,
    };
    const write = () =>
      writeBundle(collectFiles({ ...services, engine: keptLogs.engine }, scope), { out, redactor, about });
    const action = {
      event: 'support.bundle',
      object: entries.map(({ name }) => name).join(', '),
      detail: `${about.from} to ${about.to} → ${out ?? ''}`,
    } as const;
    printBundle(globals, out, await (out === null ? write() : audit.act(action, write)));
    return exitCodes.done;
  });
}

/** Writes a bundle again, with more hidden. The old one stays as it is. */
export function redactSupportBundle(
  globals: Globals,
  request: RedactionRequest & { file: string; out?: string },
): Promise<number> {
  const out = outOf(request);
  return withConsole(globals, async ({ inventory, fleet }) => {
    const numbers = await nextNumbers(request.file);
    const redactor = createChosenRedactor(request, namesToHide(inventory.list(), fleet), numbers);
    if (redactor === null) throw new AppError('INVALID_INPUT', 'Add --redact KIND: what to hide.');
    printBundle(globals, out, await redactBundle(request.file, { out, redactor }));
    return exitCodes.done;
  });
}
