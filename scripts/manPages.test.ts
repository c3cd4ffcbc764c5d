import { expect, test } from 'vitest';
import packageFile from '../package.json' with { type: 'json' };
import { commandWords } from '../src-main/hosts/cli/commandGroups.ts';
import { createCommandTree, descendants } from '../src-main/hosts/cli/commandTree.ts';
import { createOutput } from '../src-main/hosts/cli/output.ts';
import { renderManPages, troffText } from './manPages.ts';

const program = await createCommandTree({
  globals: () => ({ output: createOutput({ json: false }) }),
  finish: () => Promise.resolve(),
});
const pages = renderManPages(program, '1.2.3');

/** What a reader sees of a page, without requests. */
const shown = (page: string) =>
  page
    .replace(/^\.\w+ ?/gmu, '')
    .replaceAll(String.raw`\-`, '-')
    .replaceAll(String.raw`\&`, '')
    .replaceAll(String.raw`\(rs`, '\\')
    .replace(/\\\[u([0-9A-F]+)\]/gu, (_, code: string) => String.fromCodePoint(parseInt(code, 16)));

test('when the pages are made, there is one of the program and one of each first word', () => {
  expect([...pages.keys()].toSorted()).toEqual(
    ['sallyport.1', ...commandWords.map((word) => `sallyport-${word}.1`)].toSorted(),
  );
});

test('when the package is installed, npm links every page', () => {
  expect(packageFile.man.toSorted()).toEqual([...pages.keys()].map((name) => `out/man/${name}`).toSorted());
});

test('when a command has options, its page has each with its description', () => {
  for (const command of descendants(program).filter(({ commands }) => commands.length === 0)) {
    const names: string[] = [];
    for (let at = command; at.parent !== null; at = at.parent) names.unshift(at.name());
    const page = pages.get(`sallyport-${names[0]}.1`);
    if (['version', 'help'].includes(names[0] ?? '')) continue;
    const section = shown(page ?? '')
      .split(`\nsallyport ${names.join(' ')}\n`)
      .slice(1)
      .join('');
    expect(section.toLowerCase()).toContain(command.description().toLowerCase());
    for (const { flags, description } of command.options) {
      expect(section).toContain(`\n${flags}\n`);
      expect(section.toLowerCase()).toContain(description.toLowerCase());
    }
  }
});

test('when a page is read by troff, every line is ASCII, and a text or one of the known requests', () => {
  for (const [name, page] of pages) {
    expect(page).toMatch(/^\.TH SALLYPORT[\\A-Z-]* 1 "" "sallyport 1\.2\.3" "Sallyport"\n\.SH NAME\n/u);
    const lines = page.trimEnd().split('\n');
    const known = /^(?![.'])|^\.(?:TH .+|SH [A-Z ]+|SS .+|BR? .+|TP|PP|nf|fi)$/u;
    const wrong = lines.filter((line) => !/^[ -~]*$/u.test(line) || !known.test(line));
    expect([name, wrong]).toEqual([name, []]);
  }
});

test('when a text looks like troff, it stays text', () => {
  expect(troffText(".TH x\n'so y\n\\fBz – -a")).toBe("\\&.TH x\n\\&'so y\n\\(rsfBz \\[u2013] \\-a");
});
