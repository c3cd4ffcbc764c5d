import { programVersion } from '../../base/programVersion.ts';
import type { Redactor } from './readLines.ts';

/** What the manifest of an export says besides its lines. */
export function describeExport(options: {
  appliances: readonly string[];
  query: string;
  at: number;
  redactor: Redactor | null;
}) {
  const hide = (text: string): string => options.redactor?.redact(text).text ?? text;
  return {
    program: `sallyport ${programVersion}`,
    exportedAt: new Date(options.at).toISOString(),
    appliances: options.appliances.map(hide),
    query: hide(options.query),
  };
}
