import { exitCodeOf } from '../../../../src-shared/errors.ts';
import { withLinkOrReason } from '../../../links/withLink.ts';
import { stopSignal } from '../stopSignal.ts';
import { lineText } from './lineText.ts';
import { describeProblem, findAppliance, withConsole, type Globals } from '../withConsole.ts';

export function tailSyslog(
  globals: Globals,
  request: { name: string; lines: number; follow: boolean },
): Promise<number> {
  return withConsole(globals, (services) => {
    const entry = findAppliance(services, request.name);
    return withLinkOrReason(services.links, entry, async (error) => {
      if (error !== null) {
        globals.output.printError(describeProblem(services, entry, error));
        return exitCodeOf(error.code);
      }
      // Also checks before following that the log can be read at all.
      const lines = await services.syslog.readLast(entry.id, request.lines);
      if (!request.follow) {
        globals.output.print(lines, () => lines.map(lineText).join('\n'));
        return 0;
      }
      const { signal } = stopSignal({ needsReader: true });
      const tailRequest = { applianceIds: [entry.id], lines: request.lines, signal };
      let isReadable = true;
      for await (const batch of services.syslog.tail(tailRequest)) {
        for (const line of batch.lines) globals.output.line(line, () => lineText(line));
        services.syslog.ack(batch.streamId, batch.batch);
        isReadable = batch.unreadable.length === 0;
      }
      return isReadable ? 0 : exitCodeOf('LOG_UNREADABLE');
    });
  });
}
