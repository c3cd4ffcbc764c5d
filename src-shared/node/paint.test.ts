import { afterEach, expect, test, vi } from 'vitest';
import { canColour, createPainter } from './paint.ts';
import { createOutput, formatTable, terminalText } from './output.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a pipe', {}, {}, false],
  ['a terminal and NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a terminal and an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
  ['a pipe and FORCE_COLOR', {}, { FORCE_COLOR: '1' }, true],
  ['both variables', {}, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ['a terminal and FORCE_COLOR=0', { isTTY: true }, { FORCE_COLOR: '0' }, false],
])('when output goes to %s, it has colours: %#', (_what, stream, env, expected) => {
  expect(canColour(stream, env)).toBe(expected);
});

test('when a text is painted, only its own marks become colours, and the rest stays escaped', () => {
  const { colour, paint } = createPainter();
  const other = createPainter();
  const hostile = '\u001b[31mred';
  const text = `${paint('ok', 'green')} ${paint(hostile, 'red')} ${other.paint('x', 'green')} ${hostile}`;
  expect(colour(terminalText(text))).toBe(
    `\u001b[32mok\u001b[39m \u001b[31m\u241b[31mred\u001b[39m ${other.paint('x', 'green')} \u241b[31mred`,
  );
});

test('when cells of a table have a state, columns stay aligned with and without colours', () => {
  const rows = [
    ['kiln', { text: 'bad', colour: 'red' as const }, 1],
    ['quay', { text: 'unknown', colour: 'gray' as const }, 20],
  ];
  const plain = 'NAME  STATE     N\nkiln  bad       1\nquay  unknown  20';
  expect(formatTable(['NAME', 'STATE', 'N'], rows)).toBe(plain);
  const { colour, paint } = createPainter();
  expect(colour(formatTable(['NAME', 'STATE', 'N'], rows, paint))).toBe(
    'NAME  STATE     N\nkiln  \u001b[31mbad\u001b[39m       1\nquay  \u001b[90munknown\u001b[39m  20',
  );
});

test('when colours are forced, printed states have them, and JSON has none', () => {
  vi.stubEnv('FORCE_COLOR', '1');
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  createOutput({ json: false }).print({}, (paint) => paint('bad', 'red'));
  expect(write).toHaveBeenLastCalledWith('\u001b[31mbad\u001b[39m\n');
  createOutput({ json: true }).print({ tone: 'bad' }, (paint) => paint('bad', 'red'));
  expect(String(write.mock.lastCall?.[0])).not.toContain('\u001b');
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('NO_COLOR', '1');
  createOutput({ json: false }).print({}, (paint) => paint('bad', 'red'));
  expect(write).toHaveBeenLastCalledWith('bad\n');
});
