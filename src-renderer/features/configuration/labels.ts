import type { ConfigurationChanged } from '../../../src-shared/contract/configuration.ts';
import type {
  ConfigurationOutput,
  ConfigurationShow,
} from '../../../src-shared/model/configuration/configurationCommands.ts';
import { describeAuthor, describeReason } from '../../../src-shared/model/configuration/versionOrigins.ts';
import type { ConfigurationChange } from '../../../src-shared/model/configuration/configurationChanges.ts';
import { countOf } from '../../ui/text/countOf.ts';

export type KeptVersion = ConfigurationShow['versions'][number];

/** By whom and why a version came. */
export const describeCause = (version: KeptVersion): string =>
  version.cause == null
    ? 'by whom and why is unknown'
    : `by ${describeAuthor(version)}, reason: ${describeReason(version)}`;

export const changeKinds: Readonly<
  Record<ConfigurationChange['kind'], { sign: string; word: string; tone: 'ok' | 'bad' | 'warn' }>
> = {
  added: { sign: '+', word: 'added', tone: 'ok' },
  removed: { sign: '−', word: 'removed', tone: 'bad' },
  changed: { sign: '~', word: 'changed', tone: 'warn' },
};

export const severityLabels = {
  error: { word: 'Error', tone: 'bad' },
  warning: { word: 'Warning', tone: 'warn' },
} as const;

type Result = { title: string; text: string; tone: 'ok' | 'warn' | 'bad' | 'plain' };

/** What a change does: the word for its success, and what the appliance then has. */
export type ChangeKind = { title: string; content: string };

/** The result of a change. Only `same` was seen on the appliance after it, so only that is good. */
const readBackResults: Readonly<
  Record<ConfigurationChanged['readBack'], (name: string, kind: ChangeKind) => Result>
> = {
  same: (name, { title, content }) => ({
    title,
    text: `Read back from ${name}: it has ${content}.`,
    tone: 'ok',
  }),
  'rolled-back': (name) => ({
    title: 'Rolled back',
    text: `The configuration that was read back differed, so ${name} has its former configuration again.`,
    tone: 'warn',
  }),
  different: (name) => ({
    title: 'Different configuration',
    text: `The configuration that was read back differs, and ${name} could not restore the former one. Compare the versions, then roll back.`,
    tone: 'bad',
  }),
  unknown: (name) => ({
    title: 'Result unknown',
    text: `${name} reported success, but its configuration could not be read back. Read it again.`,
    tone: 'warn',
  }),
};

export function describeResult(
  { output, readBack }: ConfigurationChanged,
  name: string,
  kind: ChangeKind,
): Result {
  if (output.outcome === 'applied') return readBackResults[readBack](name, kind);
  if (output.outcome === 'unchanged')
    return {
      title: 'Nothing to change',
      text: `${name} reports that it already has this configuration.`,
      tone: 'plain',
    };
  return { title: 'Refused', text: `${name} refused it. Nothing was changed.`, tone: 'bad' };
}

/** The tone of a check is never green, because a check changes nothing and proves no result. */
export const checkResults: Readonly<Record<ConfigurationOutput['outcome'], string>> = {
  acceptable: 'would accept this draft',
  unchanged: 'already has this configuration',
  refused: 'would refuse this draft',
  applied: 'reports that it applied the draft',
};

/** E.g. `2 keys`. Comments and the layout are no key. */
export function describeDrift({ changes }: NonNullable<ConfigurationShow['drift']>): string {
  return changes.length === 0 ? 'comments or layout' : countOf(changes.length, 'key');
}
