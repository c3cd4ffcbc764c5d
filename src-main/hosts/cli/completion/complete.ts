import { dataFolder } from '../../../base/dataFolder.ts';
import { isPlainLine } from '../../../../src-shared/base/machineText.ts';
import { storedNames } from '../../../store/storedNames.ts';
import { createCommandTree } from '../commandTree.ts';
import { createOutput } from '../output.ts';
import { quoteForBash, splitBashLine } from './bashLine.ts';
import { findCandidates, type Candidates } from './findCandidates.ts';

/** No command runs here, so none needs its context. */
const context = {
  globals: () => ({ output: createOutput({ json: false }) }),
  finish: () => Promise.resolve(),
};

async function find(words: readonly string[], current: string): Promise<Candidates> {
  return findCandidates({
    program: await createCommandTree(context, { argv: words }),
    words,
    current,
    names: {
      appliances: (folder) => storedNames.appliances(dataFolder(folder)),
      credentials: (folder) => storedNames.credentials(dataFolder(folder)),
      tenants: (folder, appliance) => storedNames.tenants(dataFolder(folder), appliance),
    },
  });
}

async function findForBash(line: string, breaks: string): Promise<string[]> {
  const split = splitBashLine(line, breaks);
  const found = await find(split.words.slice(1), split.current);
  if (found.kind !== 'words') return [found.kind];
  return [found.kind, ...found.words.flatMap(({ text }) => quoteForBash(text, split) ?? [])];
}

async function findForOthers(words: readonly string[]): Promise<string[]> {
  const found = await find(words.slice(0, -1), words.at(-1) ?? '');
  if (found.kind !== 'words') return [found.kind];
  return [found.kind, ...found.words.map(({ text, description }) => `${text}\t${description}`)];
}

/**
 * Lines for the scripts of `sallyport completion`: `words`, `file` or `folder`, and then one line for each word. `bash` gets
 * the line up to the cursor and COMP_WORDBREAKS and returns quoted words; `zsh` and `fish` get the words up to the cursor and
 * return `word<TAB>description`. Never rejects: a shell has no place for an error here.
 */
export async function complete(argv: readonly string[]): Promise<string> {
  const [shell, , ...words] = argv;
  try {
    const lines =
      shell === 'bash' ? await findForBash(words[0] ?? '', words[1] ?? '') : await findForOthers(words);
    return lines
      .filter((line) => isPlainLine(line.replace('\t', '')))
      .map((line) => `${line}\n`)
      .join('');
  } catch {
    return 'words\n';
  }
}
