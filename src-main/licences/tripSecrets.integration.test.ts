import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { licenceRequestSchema } from '../../src-shared/model/licence/licenceRequest.ts';
import { readDocument } from '../../src-shared/model/licence/signedDocument.ts';
import type { LicencePayload } from '../../src-shared/model/licence/licence.ts';
import { startApplianceConsole, type ApplianceConsole } from '../../test-support/applianceConsole.ts';
import { filesHolding } from '../../test-support/filesHolding.ts';
import { addAuthority } from '../../test-support/licenceSupply.ts';
import { runSallyport } from '../../test-support/runSallyport.ts';
import { findForms, formsOf } from '../../test-support/secretForms.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';

const shownName = 'shown-name.example';
const planted = {
  licenceCode: 'PLANTED-CODE-77310-ZZZZZ',
  password: 'planted-database-password-4711',
  token: 'planted-token-in-address-9981',
  secretKey: 'planted-secret-key-0123456789',
  number: '99887766554433221100',
  redis: 'planted-redis-password-1357',
  privateKey: 'cGxhbnRlZC1wcml2YXRlLWtleS1ib2R5',
  vault: '90817263544536271809',
  comment: 'planted-comment-secret-1a2b3c',
};
const present = `hostname: ${shownName}
license_code: ${planted.licenceCode}
redis: redis://:${planted.redis}@localhost:6379/0
db:
  password: ${planted.password}
  host: https://${planted.token}@db.example
  port: 5432 # formerly ${planted.comment}
api:
  secret_key: ${planted.secretKey}
  aes_key: ${planted.number}
acme:
  vault: ${planted.vault}
pki:
  key: |
    -----BEGIN PRIVATE KEY-----
    ${planted.privateKey}
    -----END PRIVATE KEY-----
`;
const forms = [...new Set(Object.values(planted).flatMap(formsOf))];

let box: StockBox;
let console: ApplianceConsole;
let sign: (changes?: Partial<LicencePayload>) => Promise<string>;
let folder: string;

beforeAll(async () => {
  box = await startStockBox();
  sign = await addAuthority(box.config);
  await chmod(box.config.authorityKeys, 0o644);
  await box.system.mustRun(['install', '-d', '-m', '755', '/data']);
  await box.system.mustRun(['sh', '-c', 'umask 027 && cat > /data/kloudless.yml'], { stdin: present });
  console = await startApplianceConsole(box, { name: 'quay-01' });
  folder = await mkdtemp(join(tmpdir(), 'trip-secrets-'));
});
afterAll(async () => {
  await console.stop();
  await box.stop();
  await rm(folder, { recursive: true, force: true });
});

test('when a licence that changes the configuration is renewed, no document, trip file, export or record has a secret', async () => {
  const begun = Date.now();
  const { licences } = console.services;
  /** What leaves the appliance in each step. A trip's view has everything that its page and its printed sheet show. */
  const seen: Record<string, string> = {};
  const look = async (step: string, view: unknown, tripId: string) => {
    seen[`the view after ${step}`] = JSON.stringify(view);
    seen[`the trip file after ${step}`] = (await licences.exportTrip(tripId)).text;
  };

  const opened = await licences.openTrip({ applianceId: console.entry.id });
  const tripId = opened.trip.id;
  seen['the request'] = opened.trip.request;
  await look('the request', opened, tripId);
  const read = readDocument(opened.trip.request, 'request');
  const { id, nonce } = licenceRequestSchema.parse('payload' in read ? read.payload : null);
  const answer = await sign({
    request: { id, nonce },
    configuration: {
      revision: 1,
      set: { hostname: 'new-name.example', 'db.password': null, 'acme.vault': null },
    },
  });
  const verified = await licences.readAnswer({ tripId, way: 'file', text: answer });
  await look('the verification', verified, tripId);
  const { losses } = verified;
  expect(losses.map(({ field }) => field)).toEqual(['hostname', 'db.password', 'acme.vault']);
  for (const { id: loss } of losses) await licences.acknowledgeLoss({ tripId, loss, isAcknowledged: true });
  await look('the dry run', await licences.dryRun(tripId), tripId);
  const applied = await licences.apply(tripId);
  expect(applied).toMatchObject({ step: 'receipt', trip: { failure: null } });
  seen['the receipt'] = applied.trip.applied?.receipt ?? '';
  await look('the apply', applied, tripId);
  await look('the end', await licences.markReceiptCarried({ tripId, way: 'sheet' }), tripId);

  const calendar = join(folder, 'calendar.ics');
  for (const argv of [
    ['--json', 'licence', 'calendar', 'quay-01', '--ics', calendar],
    ['--json', 'licence', 'show'],
    ['--json', 'licence', 'history', 'quay-01'],
    ['--json', 'config', 'show', 'quay-01'],
    ['--json', 'config', 'history', 'quay-01'],
    ['config', 'diff', 'quay-01', '--kept', '1'],
    ['--json', 'audit', 'list'],
  ]) {
    const { code, out, err } = await runSallyport(['--data', console.dataFolder, ...argv]);
    expect([argv.join(' '), code]).toEqual([argv.join(' '), 0]);
    seen[argv.join(' ')] = out + err;
  }
  seen['the calendar file'] = await readFile(calendar, 'utf8');

  for (const [place, text] of Object.entries(seen)) {
    expect([place, text.length > 100, findForms(text, forms)]).toEqual([place, true, []]);
  }
  // The search finds what is no secret, in the same places.
  for (const place of ['the trip file after the request', 'the view after the verification'])
    expect(findForms(seen[place] ?? '', formsOf(shownName))).toContain(shownName);
  expect(findForms(answer, formsOf('new-name.example'))).not.toEqual([]);
  expect(await filesHolding([console.dataFolder, folder], forms, begun)).toEqual([]);
  // The secrets are still on the appliance, but for those that the licence removed.
  const onDisk = await box.system.mustRun(['cat', '/data/kloudless.yml']);
  expect(onDisk).toContain(planted.secretKey);
  expect(onDisk).not.toContain(planted.password);
});
