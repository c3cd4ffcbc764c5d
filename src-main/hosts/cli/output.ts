import { escapeHidden, visibleText } from '../../../src-shared/base/machineText.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

export type Output = {
  /** One JSON document, or the text that `people` makes. */
  print: (value: object, people: () => string) => void;
  /** One line of a stream: NDJSON, or text. */
  line: (value: object, people: () => string) => void;
  /** Text for people, whatever was asked for. */
  text: (text: string) => void;
  complain: (text: string) => void;
  json: boolean;
};

/** The format of everything that `--json` prints **[ours]**; docs/command-line.md says when it changes. */
export const jsonFormat = 1;

/** What `--json` prints: an object with the number of its format. A list stands in `items`. */
export function jsonDocument(value: object): object {
  return Array.isArray(value) ? { format: jsonFormat, items: value } : { format: jsonFormat, ...value };
}

/** After `| head` what is still to be written is not missed. A full disk ends the command, and may have cost a key. */
export function handleOutputErrors(): void {
  process.stdout.on('error', (error) => {
    if (systemErrorCode(error) === 'EPIPE') process.exit(0);
    process.stderr.write(
      `sallyport: The output can't be written: ${visibleText(error.message)}. A change that was made stays made; a private key that was to be printed is lost: rotate it.\n`,
    );
    process.exit(1);
  });
}

/** Text that can't act on a terminal, from any source. The line ends of CSV stay. */
export function terminalText(text: string): string {
  return text.split('\r\n').map(visibleText).join('\r\n');
}

/** JSON of the same value that can't act on a terminal. */
export function terminalJson(value: object, indent?: number): string {
  return escapeHidden(JSON.stringify(jsonDocument(value), null, indent));
}

/** The one way to standard output, but for a file's own content and what redraws the screen. */
function write(text: string): void {
  if (text !== '') process.stdout.write(`${text}\n`);
}

export function createOutput(options: { json: boolean }): Output {
  return {
    json: options.json,
    print: (value, people) => write(options.json ? terminalJson(value, 2) : terminalText(people())),
    line: (value, people) => write(options.json ? terminalJson(value) : terminalText(people())),
    text: (text) => write(terminalText(text)),
    complain: (text) => void process.stderr.write(`${terminalText(text)}\n`),
  };
}

/** What a machine said, on one line, unable to act on the terminal. */
export function shown(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return visibleText(String(value)).replace(/[\n\t]/gu, ' ');
}

/** Aligned columns under a header; numbers are aligned right. Cells are made safe here. */
export function table(
  header: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): string {
  if (rows.length === 0) return '';
  const cells = [header, ...rows].map((row) => row.map(shown));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumeric = header.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  return cells
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return isNumeric[column] === true ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
