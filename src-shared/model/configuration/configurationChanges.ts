import { formatYamlPath } from '../../base/boundedYaml.ts';
import { isSecretValue, secretMask } from './configurationKeys.ts';
import { readConfiguration } from './configurationYaml.ts';

export type ConfigurationChange = {
  path: string;
  kind: 'added' | 'removed' | 'changed';
  /** The value as text, masked if it is a secret. Null if the value is absent. */
  before: string | null;
  after: string | null;
};

/** A content, masked or not. `marks`: what identifies the secret behind a mask, by path. */
export type MarkedText = { text: string; marks: ReadonlyMap<string, string> };

/** A content as the appliance shows it. */
export const markedTextOf = (shown: {
  text: string;
  secrets: readonly { path: string; mark: string }[];
}): MarkedText => ({
  text: shown.text,
  marks: new Map(shown.secrets.map(({ path, mark }) => [path, mark])),
});

/** Longer values are cut. */
const maxShown = 200;
const maxChanges = 500;

/** `isEmpty`: a list or map without items. */
type Flat = { shown: string; value: unknown; isText: boolean; isEmpty: boolean };

function flatten({ text, marks }: MarkedText): Map<string, Flat> {
  const { values, empty } = readConfiguration(text);
  const scalars = values.map(({ path, value, isText }): [string, Flat] => {
    const name = formatYamlPath(path);
    const isMask = typeof value === 'string' && value.trim() === secretMask;
    return [
      name,
      {
        value: isMask ? (marks.get(name) ?? secretMask) : value,
        shown: isSecretValue(path, value) ? secretMask : String(value).slice(0, maxShown),
        isText,
        isEmpty: false,
      },
    ];
  });
  const without = empty
    .filter(({ path }) => path.length > 0)
    .map(({ path, text: shown }): [string, Flat] => [
      formatYamlPath(path),
      { shown, value: shown, isText: false, isEmpty: true },
    ]);
  return new Map([...scalars, ...without]);
}

/** The names that have something below them. */
const parentsOf = (text: string) =>
  new Set(
    readConfiguration(text).values.flatMap(({ path }) =>
      path.slice(1).map((_part, at) => formatYamlPath(path.slice(0, at + 1))),
    ),
  );

/** A shown value. It is in quotes if it is a text and the `other` value, which is no text, looks the same. */
function showBeside(own: Flat | undefined, other: Flat | undefined): string | null {
  if (own === undefined) return null;
  const isAlike = other !== undefined && own.shown === other.shown && own.shown !== secretMask;
  return isAlike && own.isText && !other.isText ? JSON.stringify(own.shown) : own.shown;
}

const marked = (text: string | MarkedText): MarkedText =>
  typeof text === 'string' ? { text, marks: new Map() } : text;

/**
 * The values that differ between two configurations, and lists and maps without items. Secrets are masked; a changed
 * secret is still listed. Without marks, two masks are the same secret.
 */
export function compareConfigurations(
  before: string | MarkedText,
  after: string | MarkedText,
): ConfigurationChange[] {
  const texts = [marked(before), marked(after)] as const;
  const [old, next] = [flatten(texts[0]), flatten(texts[1])];
  const parents = new Set([...parentsOf(texts[0].text), ...parentsOf(texts[1].text)]);
  const paths = [...new Set([...old.keys(), ...next.keys()])];
  return paths
    .flatMap((path): ConfigurationChange[] => {
      const [was, is] = [old.get(path), next.get(path)];
      if (was?.value === is?.value && was?.isText === is?.isText) return [];
      // What is below it is listed.
      if ((was ?? is)?.isEmpty === true && parents.has(path)) return [];
      return [
        {
          path,
          kind: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
          before: showBeside(was, is),
          after: showBeside(is, was),
        },
      ];
    })
    .slice(0, maxChanges);
}
