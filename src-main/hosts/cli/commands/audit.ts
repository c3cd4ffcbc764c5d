import type { AuditChip } from '../../../../src-shared/model/audit/auditEvents.ts';
import { exitCodes } from '../../../../src-shared/exitCodes.ts';
import { formatTable } from '../output.ts';
import { withConsole, type Globals } from '../withConsole.ts';

export function listAudit(
  globals: Globals,
  request: { limit: number; query: string; show: AuditChip | 'all' },
): Promise<number> {
  return withConsole(globals, (services) => {
    const { limit, query, show } = request;
    const chip = show === 'all' ? null : show;
    const { records } = services.audit.list({ before: null, limit, query, chip });
    globals.output.print(records, () =>
      records.length === 0
        ? 'No records.'
        : formatTable(
            ['SEQ', 'TIME', 'USER', 'EVENT', 'OBJECT', 'PHASE', 'RESULT', 'DETAIL'],
            records.map((record) => [
              record.seq,
              record.at,
              record.operator,
              record.event,
              record.object,
              record.phase,
              record.errorCode ?? record.result,
              record.detail,
            ]),
          ),
    );
    return 0;
  });
}

export function verifyAudit(globals: Globals): Promise<number> {
  return withConsole(globals, async (services) => {
    const verification = await services.audit.verify();
    globals.output.print(verification, () =>
      [
        verification.broken === null
          ? `${verification.count} records, all hashes match. Head hash: ${verification.head ?? 'none yet'}`
          : `Broken at record ${verification.broken.seq}: ${verification.broken.why}.`,
        ...(verification.unfinished.length === 0
          ? []
          : [`Started but never completed: ${verification.unfinished.join(', ')}`]),
      ].join('\n'),
    );
    return verification.ok ? exitCodes.done : exitCodes.verificationFailed;
  });
}
