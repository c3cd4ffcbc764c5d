import { encodeQR } from 'qr';

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
