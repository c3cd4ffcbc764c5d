import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { applianceFields, applianceScripts, fillApplianceRoot } from './applianceDeb.ts';
import { consoleFields, fillConsoleRoot } from './consoleDeb.ts';
import { debArchitectures, writeDeb } from './debFile.ts';
import { homepage, maintainer, readSourceDate, type DebTarget } from './debRoot.ts';

const kinds = {
  sallyport: { fill: fillConsoleRoot, fields: consoleFields, scripts: () => ({}) },
  'sallyport-appliance': { fill: fillApplianceRoot, fields: applianceFields, scripts: applianceScripts },
};
type DebName = keyof typeof kinds;
export const debNames: readonly DebName[] = ['sallyport', 'sallyport-appliance'];

/**
 * Makes a Debian package of the build in `out`. `compression` are options of dpkg-deb. Returns its path. Throws if a tool fails
 * or there is no Node for the architecture.
 */
export async function packDeb(
  name: DebName,
  options: { target: DebTarget; outputFolder: string; compression?: readonly string[] },
): Promise<string> {
  const { compression = ['-Zxz'], outputFolder, target } = options;
  const { fields, fill, scripts } = kinds[name];
  const sourceDate = readSourceDate();
  const architecture = debArchitectures[target.arch];
  mkdirSync(outputFolder, { recursive: true });
  const root = mkdtempSync(join(tmpdir(), 'sallyport-deb-'));
  // A package's files have the same rights on every computer that builds it.
  const before = process.umask(0o022);
  try {
    chmodSync(root, 0o755);
    await fill(root, target, sourceDate);
    const file = resolve(outputFolder, `${name}_${target.version}_${architecture}.deb`);
    writeDeb({
      root,
      file,
      fields: [
        ['Package', name],
        ['Version', target.version],
        ['Architecture', architecture],
        ['Maintainer', maintainer],
        ['Priority', 'optional'],
        ['Homepage', homepage],
        ...fields,
      ],
      scripts: scripts(),
      compression,
      sourceDate,
    });
    return file;
  } finally {
    process.umask(before);
    rmSync(root, { recursive: true, force: true });
  }
}
