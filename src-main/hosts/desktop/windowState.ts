import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Rectangle } from './electronParts.ts';
import { replaceFile } from '../../../src-shared/node/files.ts';

const windowStateSchema = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(200).max(20_000),
  height: z.int().min(150).max(20_000),
  isMaximised: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

const preferred = { width: 1440, height: 900 } as const;
export const minSize = { width: 1024, height: 700 } as const;

/** Pixels at the window's top edge that must be on a display, so that the user can move the window. */
const minVisible = { width: 120, height: 32 } as const;

/**
 * Loads the saved state. Returns null if it is missing or invalid, so that a damaged file can't prevent a
 * start.
 */
export function loadWindowState(file: string): WindowState | null {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function saveWindowState(file: string, state: WindowState): void {
  replaceFile({ path: file, data: `${JSON.stringify(state)}\n`, mode: 0o600 });
}

function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart);
}

function isGraspable(state: WindowState, workArea: Rectangle): boolean {
  return (
    overlap(state.x, state.width, workArea.x, workArea.width) >= minVisible.width &&
    overlap(state.y, minVisible.height, workArea.y, workArea.height) >= minVisible.height
  );
}

export type WindowPlacement = {
  size: { width: number; height: number };
  position: { x: number; y: number } | null;
};

/**
 * Computes the bounds of the window: the saved bounds if they are on a display, otherwise centred (position
 * null). Shrinks them to fit the display.
 */
export function placeWindow(saved: WindowState | null, workAreas: readonly Rectangle[]): WindowPlacement {
  const shownOn = saved === null ? undefined : workAreas.find((area) => isGraspable(saved, area));
  const area = shownOn ?? workAreas[0] ?? { x: 0, y: 0, ...preferred };
  const wanted = saved ?? preferred;
  return {
    size: { width: Math.min(wanted.width, area.width), height: Math.min(wanted.height, area.height) },
    position: saved === null || shownOn === undefined ? null : { x: saved.x, y: saved.y },
  };
}
