import type { ExportedLine } from '../export/exportedLine.ts';
import { showDamagedBytes } from '../logBytes.ts';
import { nanoseconds } from './otlp.ts';

const plain = (text: string) => showDamagedBytes(text).toWellFormed();

/** Loki's structured metadata: text by name, without what is not known. */
function metadata(line: ExportedLine): Record<string, string> {
  const all = {
    severity: line.severity,
    host: line.host,
    program: line.program,
    pid: line.pid === null ? null : `${line.pid}`,
    facility: line.facility,
    file: line.file.id,
    device: line.file.device,
    inode: line.file.inode,
    offset: `${line.offset}`,
    line: `${line.line}`,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, plain(value)]])),
  );
}

/**
 * The body of a request to Loki's push endpoint. Only the appliance is a label, because Loki keeps a stream for each
 * combination of labels.
 */
export function buildLokiPush(lines: readonly ExportedLine[]) {
  const appliances = Map.groupBy(lines, ({ appliance }) => appliance);
  return {
    streams: Array.from(appliances, ([appliance, own]) => ({
      stream: { service_name: 'syslog', appliance: plain(appliance) },
      values: own.map((line) => [nanoseconds(line.time ?? line.receivedAt), plain(line.raw), metadata(line)]),
    })),
  };
}
