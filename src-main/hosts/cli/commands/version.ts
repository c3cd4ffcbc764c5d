import { readBuildRecord } from '../../../base/buildRecord.ts';
import { programVersion } from '../../../base/programVersion.ts';
import type { Output } from '../output.ts';

/** Prints the version, and the commit if it is known. */
export function printVersion(output: Output): void {
  const version = programVersion;
  const build = readBuildRecord();
  output.print({ version, node: process.versions.node, build }, () => {
    if (build === null) return `sallyport ${version}`;
    const state = build.modified ? ', with uncommitted changes' : '';
    return `sallyport ${version} (commit ${build.commit}, ${build.committedAt.slice(0, 10)}${state})`;
  });
}
