import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadWindowState, placeWindow, saveWindowState } from './windowState.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-window-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const saved = { x: 2000, y: 40, width: 1200, height: 800, isMaximised: true };
const left = { x: 0, y: 0, width: 1920, height: 1040 };
const right = { x: 1920, y: 0, width: 1920, height: 1040 };

test('loads what was saved, and leaves no other file in the folder', () => {
  const file = join(folder, 'window.json');
  saveWindowState(file, { ...saved, x: 1 });
  saveWindowState(file, saved);
  expect(loadWindowState(file)).toEqual(saved);
  expect(readdirSync(folder)).toEqual(['window.json']);
});

test.each([
  ['no JSON', 'x'],
  ['empty', ''],
  ['another shape', '{"x":1}'],
  ['fractions', JSON.stringify({ ...saved, x: 0.5 })],
  ['beyond all numbers', JSON.stringify(saved).replace('1200', '1e999')],
  ['too small to see', JSON.stringify({ ...saved, width: 1 })],
  ['something more', JSON.stringify({ ...saved, url: 'https://example.com' })],
  ['bytes', '\u0000\uffff'],
])('when the file is invalid, ignores it and leaves it unchanged: %s', (_name, text) => {
  const file = join(folder, 'window.json');
  writeFileSync(file, text);
  expect(loadWindowState(file)).toBeNull();
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('when the file is missing, returns null', () => {
  expect(loadWindowState(join(folder, 'window.json'))).toBeNull();
});

test('when a display shows it, the window opens where it was', () => {
  expect(placeWindow(saved, [left, right])).toEqual({
    size: { width: 1200, height: 800 },
    position: { x: 2000, y: 40 },
  });
});

test.each([
  ['its display is gone', saved, [left]],
  ['its top edge is above every display', { ...saved, x: 10, y: -200 }, [left]],
  ['only a sliver would be left to grasp', { ...saved, x: 1900, y: 0 }, [left]],
])('when %s, the window opens in the middle', (_name, state, workAreas) => {
  expect(placeWindow(state, workAreas)).toEqual({ size: { width: 1200, height: 800 }, position: null });
});

test('the window is never larger than the display', () => {
  const small = { x: 0, y: 0, width: 1024, height: 600 };
  expect(placeWindow({ ...saved, x: 0, y: 0 }, [small]).size).toEqual({ width: 1024, height: 600 });
  expect(placeWindow(null, [small])).toEqual({ size: { width: 1024, height: 600 }, position: null });
  expect(placeWindow(null, [left]).size).toEqual({ width: 1440, height: 900 });
});
