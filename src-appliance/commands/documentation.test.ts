import { keExitCodes } from '../../src-shared/exitCodes.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes } from '../../src-shared/errorCodes.ts';
import { licenceStateSchema } from '../../src-shared/model/licence/licence.ts';
import { remoteNetworksSchema } from '../../src-shared/model/tenants/remoteNetworks.ts';
import { keCommandNames } from './keCommands.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/appliance-commands.md'), 'utf8');

test('the documents contain every command, exit code and licence state', () => {
  for (const name of [...keCommandNames, 'ke_syslog']) expect(text).toContain(`\n## ${name}\n`);
  for (const code of Object.values(keExitCodes)) expect(text).toMatch(new RegExp(`^\\| ${code} +\\|`, 'mu'));
  for (const state of licenceStateSchema.options) expect(text).toContain(`| \`${state}\``);
});

test('the documented example has the output of the list, and its codes exist', () => {
  const [, example = ''] = /```json\n(.+?)```/su.exec(text) ?? [];
  const document: unknown = JSON.parse(example);
  expect(remoteNetworksSchema.parse(document)).toEqual(document);
  const codes = text.match(/\b[A-Z]+_[A-Z_]+\b/gu) ?? [];
  const known = Object.keys(errorCodes);
  expect(codes.filter((code) => !known.includes(code) && code !== 'CLIENT_ID')).toEqual([]);
});
