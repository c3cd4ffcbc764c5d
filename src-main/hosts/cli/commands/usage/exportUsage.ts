import { AppError } from '../../../../../src-shared/errors.ts';
import { formatCount } from '../../../../../src-shared/base/formatCount.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import type { StatementKind } from '../../../../../src-shared/model/usage/usageReport.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';
import { describePlainText } from './usageText.ts';

export type ExportOptions = { kind: StatementKind; month?: string; number?: number; out: string };

const describeSignature = (isSigned: true | null): string =>
  isSigned === null
    ? 'Its signature was not verified: this console knows no key of the appliance, because it made no renewal of it.'
    : 'The appliance’s own key signed it.';

/** Makes a statement, or takes a kept one, and writes it into a new folder. */
export function exportUsage(globals: Globals, name: string, options: ExportOptions): Promise<number> {
  const { kind, month, number, out: folder } = options;
  return withConsole(globals, async (services) => {
    const { id: applianceId } = findAppliance(services, name);
    if (number === undefined && month === undefined)
      throw new AppError('INVALID_INPUT', 'Add --month MONTH, or --number N for a kept statement.');
    const chosen = number === undefined ? { kind, month: month ?? '', number: null } : { number };
    const exported = await services.usage.exportStatement({ applianceId, folder, ...chosen });
    const { manifest, isSigned, accounts, files } = exported;
    globals.output.print({ folder, manifest, isSigned, accounts, files }, () =>
      [
        `${folder}: statement ${manifest.number}, ${manifest.kind} report of ${manifest.month}, ${formatCount(manifest.lines)} ${manifest.lines === 1 ? 'line' : 'lines'}`,
        describeSignature(isSigned),
        ...(accounts === null ? [] : [describePlainText(accounts.internal, accounts.all)]),
        ...files.map((file) => `  ${file.name}  ${formatCount(file.bytes)} bytes  SHA-256 ${file.sha256}`),
      ].join('\n'),
    );
    return exitCodes.done;
  });
}
