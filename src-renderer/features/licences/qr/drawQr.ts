import { encodeQR } from 'qr';
import { decodeQR } from 'qr/decode.js';

/** White modules around a code, which readers need to find it. */
const border = 4;

export type QrModules = readonly (readonly boolean[])[];

/** The modules of a QR code, dark ones true. Low error correction: a screen or a printer damages nothing. */
export function encodeModules(text: string): QrModules {
  return encodeQR(text, 'raw', { ecc: 'low', border });
}

/** The dark modules as the path of an SVG whose unit is a module. */
export function modulesPath(modules: QrModules): string {
  const runs: string[] = [];
  for (const [y, row] of modules.entries())
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x += 1;
      runs.push(`M${from} ${y}h${x + 1 - from}v1h${from - x - 1}z`);
    }
  return runs.join('');
}

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
