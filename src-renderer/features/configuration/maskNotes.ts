import { formatYamlPath } from '../../../src-shared/base/boundedYaml.ts';
import { ageMs, formatDuration } from '../../../src-shared/base/time.ts';
import type { ConfigurationShow } from '../../../src-shared/model/configuration/configurationCommands.ts';
import { isSecretValue } from '../../../src-shared/model/configuration/configurationKeys.ts';
import { readConfiguration } from '../../../src-shared/model/configuration/configurationYaml.ts';
import type { EditorNote } from '../../ui/editor/editorTypes.ts';
import { isMasked } from './checkDraft.ts';

/** What stands behind each mask of a text, and behind each new secret of a draft. */
export function describeMasks(
  text: string,
  { secrets }: Pick<ConfigurationShow, 'secrets'>,
  { isDraft, readAt }: { isDraft: boolean; readAt: string },
): EditorNote[] {
  const held = new Map(secrets.map((secret) => [secret.path, secret]));
  return readConfiguration(text).values.flatMap((value) => {
    const { path, from, to } = value;
    if (!isMasked(value))
      return isDraft && isSecretValue(path, value.value) ? [{ from, to, text: 'new secret' }] : [];
    const secret = held.get(formatYamlPath(path));
    if (secret === undefined) return isDraft ? [{ from, to, text: 'no secret to keep' }] : [];
    const { setAt } = secret;
    const set = setAt === null ? '' : `, set ${formatDuration(ageMs(setAt, Date.parse(readAt)))} ago`;
    return [{ from, to, text: `hidden${isDraft ? ', kept' : ''}${set}` }];
  });
}
