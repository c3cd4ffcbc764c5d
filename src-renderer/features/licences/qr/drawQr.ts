import { decodeQR } from 'qr/decode.js';
import type { QrModules } from '../../../../src-shared/model/licence/qrModules.ts';

/** The modules as pixels, black and white. */
export function drawPixels(
  modules: QrModules,
  scale: number,
): { width: number; height: number; data: Uint8ClampedArray } {
  const width = modules.length * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [y, row] of modules.entries())
    for (const [x, isDark] of row.entries()) {
      if (!isDark) continue;
      for (let line = 0; line < scale; line += 1) {
        const start = ((y * scale + line) * width + x * scale) * 4;
        for (let at = start; at < start + scale * 4; at += 4) data.fill(0, at, at + 3);
      }
    }
  return { width, height: width, data };
}

/** Whether the drawn code is read back as `text`. */
export function isReadable(modules: QrModules, text: string): boolean {
  try {
    return decodeQR(drawPixels(modules, 3), { timeLimit: 2000 }) === text;
  } catch {
    return false;
  }
}
