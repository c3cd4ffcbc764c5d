import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLicenceRequester, type LicenceRequester } from '../../test-support/licenceRequester.ts';
import { describeRecord, showRecord } from './cli/applianceRecord.ts';
import { changeContract, type ContractOptions } from './cli/contractOptions.ts';
import { describeLicence, formatFacts, warningsOf } from './describeAnswer.ts';
import { createAuthority, type Authority } from './store/authority.ts';
import { defaultContract } from './store/contract.ts';

let folder: string;
let authority: Authority;
let hq: LicenceRequester;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'describe-answer-'));
  authority = createAuthority({ folder: join(folder, 'data') });
  hq = await createLicenceRequester();
  authority.appliances.add({ id: hq.applianceId, name: 'hq', contract: defaultContract });
});
afterEach(async () => {
  authority.close();
  await rm(folder, { recursive: true });
});

/** The lines of the answer, its warnings and the record of the appliance that are about names. */
async function answer(options: ContractOptions, applianceVersion: string) {
  const { id, contract } = authority.appliances.find('hq');
  authority.appliances.change(id, { contract: changeContract(contract, options) });
  const answered = await authority.answers.answer(
    await hq.request({ applianceVersion, usage: { accounts: 0, connectors: [] } }),
  );
  const record = describeRecord(showRecord(authority, authority.appliances.find('hq')));
  const lines = [formatFacts(describeLicence(answered.licence, answered.previous)), record];
  return {
    lines: lines.flatMap((text) =>
      text.split('\n').flatMap((line) => /^Internal licence +(.*)$/u.exec(line)?.[1] ?? []),
    ),
    warnings: warningsOf(answered),
  };
}

it('when the whole licence is for internal development, the answer and the record say that names are plain', async () => {
  expect(await answer({}, '1.34.2')).toEqual({ lines: ['no', 'no'], warnings: [] });
  expect(await answer({ internalDevelopment: true }, '1.34.2')).toMatchObject({ lines: ['no', 'no'] });
  const yes = 'yes, all names in plain text';
  const warning =
    'The whole licence is for internal development: the appliance sends the names of all accounts and users in plain text.';
  expect(await answer({ internalLicence: true }, '1.34.2')).toEqual({
    lines: [`${yes} (before: no)`, yes],
    warnings: [warning],
  });
  expect(await answer({}, '1.34.2')).toEqual({ lines: [yes, yes], warnings: [warning] });
  expect(await answer({ internalLicence: false }, '1.34.2')).toEqual({
    lines: [`no (before: ${yes})`, 'no'],
    warnings: [],
  });
});

it('when the appliance has a version that refuses such a licence, warns that it needs an update first', async () => {
  expect((await answer({ internalLicence: true }, '1.33.0')).warnings).toContainEqual(
    expect.stringContaining('The licence needs version 1.34.0. Update the appliance first'),
  );
});
