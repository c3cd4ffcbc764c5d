import { expect, test } from 'vitest';
import { applyEdits } from '../../../src-shared/model/connectYaml/connectYamlFinding.ts';
import { checkDraft } from './checkDraft.ts';

const mask = '••••••••';
const present = `hostname: box.example
ssl:
  is_configured: true
db:
  password: "${mask}"
  host: db.example
  port: 5432
`;

function fix(text: string): { title: string; text: string } | null {
  const found = checkDraft(text, present).find((finding) => finding.fix !== null)?.fix ?? null;
  return found === null ? null : { title: found.title, text: applyEdits(text, [...found.edits]) };
}

test.each([
  ['a value is wrong', present.replace('5432', '70000'), 'Use 5432'],
  ['a value is missing', present.replace(' 5432', ''), 'Use 5432'],
  ['a name is misspelt', present.replace('port:', 'prot:'), 'Rename to port'],
  ['the name of a map is misspelt', present.replace('ssl:', 'sls:'), 'Rename to ssl'],
  ['a part of a mask was typed over', present.replace(mask, '•••x'), 'Keep the present secret'],
  ['a name has a no-break space', present.replace('db.example', 'db\u00a0example'), 'Write a space'],
])('when %s, its fix corrects it', (_what, text, title) => {
  const fixed = fix(text);
  expect(fixed?.title).toBe(title);
  expect(checkDraft(fixed?.text ?? '', present)).toEqual([]);
});

test('when the appliance has the same wrong value, no fix is offered', () => {
  const wrong = present.replace('5432', '70000');
  expect(checkDraft(wrong.replace('70000', '70001'), wrong)).toMatchObject([{ path: 'db.port', fix: null }]);
});

test('when a mask has no secret behind it, no fix is offered', () => {
  expect(checkDraft(`${present}smtp:\n  password: "${mask}"\n`, present)).toMatchObject([{ fix: null }]);
});

test('when a secret has the wrong form, its fix names no value', () => {
  const held = `license_code: "${mask}"\n`;
  const [finding] = checkDraft('license_code: [1]\n', held);
  expect(finding?.fix?.title ?? '').not.toContain(mask);
});
