import { isMap, type Document } from 'yaml';
import {
  formatYamlPath,
  lineOf,
  readBoundedYaml,
  type BoundedYaml,
  type YamlPath,
} from '../../base/boundedYaml.ts';
import { configurationSchema } from './configurationKeys.ts';

/** Larger files are refused unread **[ours]**. */
export const maxConfigurationBytes = 128 * 1024;
const maxProblems = 20;

/** What is wrong with a configuration. `path` is empty if the whole file is meant. Never quotes a value. */
export type ConfigurationProblem = { path: string; message: string };

/** `problems`: a present file may have them and is still shown. If it is broken, secrets can't be found in it. */
export type ReadConfiguration = Omit<BoundedYaml, 'problems'> & { problems: ConfigurationProblem[] };

const nameProblem = ({ path, message }: { path: YamlPath; message: string }): ConfigurationProblem => ({
  path: formatYamlPath(path),
  message,
});

/** Reads a configuration with bounds of size, depth and number. Never throws, and never quotes a value. */
export function readConfiguration(text: string): ReadConfiguration {
  const yaml = readBoundedYaml(text, maxConfigurationBytes);
  const place = yaml.brokenAt === null ? 'the file' : `line ${lineOf(text, yaml.brokenAt)}`;
  const problems = yaml.problems.map((problem) =>
    nameProblem(yaml.isBroken ? { path: [], message: `${place} ${problem.message}` } : problem),
  );
  if (problems.length === 0) problems.push(...checkKeys(yaml.document));
  return { ...yaml, problems };
}

function checkKeys(document: Document): ConfigurationProblem[] {
  if (!isMap(document.contents)) return [{ path: '', message: 'the file is not a map of keys' }];
  const parsed = configurationSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  return (parsed.error?.issues ?? []).slice(0, maxProblems).map(({ path, message }) =>
    nameProblem({
      path: path.map((part) => (typeof part === 'number' ? part : String(part))),
      message,
    }),
  );
}
