/** How many steps V8 may need for one line, at worst; about 20 ms. */
const maxSteps = 10_000_000;
/** Repeating more often than this counts as without an end. */
const maxBoundedRepeat = 16;

const quantifier = String.raw`(?:[*+?]|\{(?<min>\d{1,3})(?<comma>,(?<max>\d{0,3}))?\})\??`;
const partPattern = new RegExp(
  [
    String.raw`(?<open>\((?:\?:)?(?!\?))`,
    String.raw`(?<close>\))`,
    String.raw`(?<bar>\|)`,
    String.raw`(?<anchor>[\^$]|\\[bB])`,
    String.raw`(?<class>\[\^?(?:[^\]\[\\]|\\[dws\\\]\[.\/^$*+?(){}|-])+\])`,
    String.raw`(?<escape>\\[dDwWsS]|\\[\\\/^$.*+?()[\]{}|])`,
    String.raw`(?<dot>\.)`,
    String.raw`(?<quantifier>${quantifier})`,
    String.raw`(?<literal>[^\\^$.*+?()[\]{}|])`,
  ].join('|'),
  'uy',
);

/** RE2 and V8 differ in what is a space and what a dot stands for; this is RE2's meaning. */
const translations: Readonly<Record<string, string>> = {
  '.': String.raw`[^\n]`,
  [String.raw`\s`]: String.raw`[\t\n\f\r ]`,
  [String.raw`\S`]: String.raw`[^\t\n\f\r ]`,
};

/** How often a quantifier repeats at most beyond its least, plus one; Infinity without an end. */
function choicesOf(text: string, groups: Record<string, string | undefined>): number {
  if (text.startsWith('*') || text.startsWith('+')) return Infinity;
  if (text.startsWith('?')) return 2;
  const min = Number(groups['min']);
  const max = groups['comma'] === undefined ? min : groups['max'] === '' ? Infinity : Number(groups['max']);
  return max > maxBoundedRepeat ? Infinity : max - min + 1;
}

type Cost = { choices: number; loops: number };
type Reading = { source: string; cost: Cost };

/** Translates and measures a regular expression; null if it uses more than groups, classes and simple repetitions. */
function readSource(source: string): Reading | null {
  const cost: Cost = { choices: 1, loops: 0 };
  const bars = [1];
  let translated = '';
  let previous = '';
  partPattern.lastIndex = 0;
  while (partPattern.lastIndex < source.length) {
    const match = partPattern.exec(source);
    if (match?.groups === undefined) return null;
    const [text] = match;
    const kind = Object.keys(match.groups).find(
      (name) => match.groups?.[name] !== undefined && !['min', 'comma', 'max'].includes(name),
    );
    if (kind === 'open') bars.push(1);
    if (kind === 'close') cost.choices *= bars.pop() ?? 1;
    if (kind === 'bar') bars.push((bars.pop() ?? 1) + 1);
    if (kind === 'quantifier') {
      const choices = choicesOf(text, match.groups);
      // Repeating a group may take exponential time, and repeating a repetition or an anchor is an error or useless.
      if (
        !['class', 'escape', 'dot', 'literal'].includes(previous) &&
        !(previous === 'close' && text.startsWith('?'))
      )
        return null;
      if (choices === Infinity) cost.loops += 1;
      else cost.choices *= choices;
    }
    translated +=
      kind === 'class'
        ? text.replaceAll(String.raw`\s`, String.raw`\t\n\f\r `)
        : (translations[text] ?? text);
    previous = kind ?? '';
  }
  if (bars.length !== 1) return null;
  cost.choices *= bars[0] ?? 1;
  return { source: translated, cost };
}

/**
 * A regular expression of V8 that finds what RE2 finds in ASCII text, for lines of at most `maxLength` characters: it then
 * takes a bounded number of steps. Null if that can't be promised, so that only RE2 may run it.
 */
export function createNativeRegexp({
  source,
  flags,
}: {
  source: string;
  flags: '' | 'i';
}): { regexp: RegExp; maxLength: number } | null {
  const read = readSource(source);
  if (read === null) return null;
  const { choices, loops } = read.cost;
  const maxLength = Math.floor((maxSteps / choices) ** (1 / (loops + 1)));
  try {
    return { regexp: new RegExp(read.source, `${flags}u`), maxLength };
  } catch {
    return null;
  }
}
