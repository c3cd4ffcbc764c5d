import { escapeInvisibleCharacters, visibleText } from '../base/machineText.ts';
import { canColour, createPainter, noPaint, type Colour, type Paint } from './paint.ts';

export type { Paint } from './paint.ts';

export type Output = {
  /**
   * Prints `value` as one JSON document with `--json`, otherwise the text that `people` returns. `paint` gives states their
   * colours, on a terminal.
   */
  print: (value: object, people: (paint: Paint) => string) => void;
  /**
   * Prints one line of a stream: `value` as JSON with `--json`, otherwise the text that `people` returns.
   */
  line: (value: object, people: () => string) => void;
  /** Prints text. Prints it unchanged also with `--json`. */
  text: (text: string) => void;
  printError: (text: string) => void;
  json: boolean;
};

/** The format version in all `--json` output **[ours]**. docs/command-line.md says when it changes. */
export const jsonFormat = 1;

/** The object that `--json` prints: `value` with the format version. A list becomes the field `items`. */
export function jsonDocument(value: object): object {
  return Array.isArray(value) ? { format: jsonFormat, items: value } : { format: jsonFormat, ...value };
}

/** Makes text safe for a terminal by escaping control characters. Keeps the CRLF line ends of CSV. */
export function terminalText(text: string): string {
  return text.split('\r\n').map(visibleText).join('\r\n');
}

/** Returns `value` as JSON with terminal control characters escaped. */
export function terminalJson(value: object, indent?: number): string {
  return escapeInvisibleCharacters(JSON.stringify(jsonDocument(value), null, indent));
}

/** All standard output goes through this function, except file contents and screen redraws. */
function write(text: string): void {
  if (text !== '') process.stdout.write(`${text}\n`);
}

/** The text of `people` with colours, if standard output takes them. */
function paintedText(people: (paint: Paint) => string): string {
  if (!canColour(process.stdout, process.env)) return terminalText(people(noPaint));
  const { colour, paint } = createPainter();
  return colour(terminalText(people(paint)));
}

export function createOutput(options: { json: boolean }): Output {
  return {
    json: options.json,
    print: (value, people) => write(options.json ? terminalJson(value, 2) : paintedText(people)),
    line: (value, people) => write(options.json ? terminalJson(value) : terminalText(people())),
    text: (text) => write(terminalText(text)),
    printError: (text) => void process.stderr.write(`${terminalText(text)}\n`),
  };
}

/**
 * Formats a value from a machine for one line: escapes control characters, and replaces line ends by spaces.
 */
export function formatValue(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return visibleText(String(value)).replace(/[\n\t]/gu, ' ');
}

/** A cell of a table. */
type Cell = string | number | null | undefined | { text: string; colour: Colour };

const isColoured = (cell: Cell): cell is { text: string; colour: Colour } =>
  typeof cell === 'object' && cell !== null;

/**
 * Formats aligned columns with a header. Aligns numbers right. Escapes control characters in cells. Coloured cells get
 * their colours from `paint`.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  paint: Paint = noPaint,
): string {
  if (rows.length === 0) return '';
  const cells = [header, ...rows].map((row) =>
    row.map((cell) => formatValue(isColoured(cell) ? cell.text : cell)),
  );
  const paintCell = (text: string, row: number, column: number) => {
    const cell = rows[row - 1]?.[column];
    return isColoured(cell) ? paint(text, cell.colour) : text;
  };
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumeric = header.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  return cells
    .map((row, at) =>
      row
        .map((cell, column) => {
          const space = ' '.repeat((widths[column] ?? 0) - cell.length);
          const painted = paintCell(cell, at, column);
          return isNumeric[column] === true ? `${space}${painted}` : `${painted}${space}`;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
