import { programVersion } from '../../../base/programVersion.ts';
import type { Output } from '../output.ts';

export function printVersion(output: Output): void {
  const version = programVersion;
  output.print({ version, node: process.versions.node }, () => `sallyport ${version}`);
}
