import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import nodeFlags from '../bin/nodeFlags.json' with { type: 'json' };
import { readRequest } from '../test-support/licenceKit.ts';
import { licencePayload } from '../test-support/licenceSupply.ts';
import { signGenuine } from '../test-support/forgery/forge.ts';
import { enterAppliances } from './enterAppliances.ts';
import { fleetPort, run, type ApplianceFleet } from './applianceFleet.ts';

const cli = join(import.meta.dirname, '../out/desktop/cli.js');
const requestsSchema = z.object({ items: z.array(z.object({ name: z.string(), request: z.string() })) });
const appliedSchema = z.object({ items: z.array(z.object({ outcome: z.string() })) });

/** A console and an ansible that renew the licences of the same appliances from files. */
export async function prepareRenewals(fleet: ApplianceFleet) {
  const { box, appliances, enter } = fleet;
  const folder = await mkdtemp(join(box.folder, 'renewals-'));
  const data = join(folder, 'data');
  await enterAppliances(data, appliances, {
    port: fleetPort,
    user: box.adminUser,
    keyFile: box.adminKeyFile,
    sudo: 'nopasswd',
    hostKey: box.hostKey(),
  });
  const sallyport = (...argv: string[]) =>
    run([...enter, process.execPath, ...nodeFlags, cli, '--data', data, '--json', ...argv]);
  const publicKey = await readFile(`${box.system.path('/etc/ssh/ssh_host_ed25519_key')}.pub`, 'utf8');
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, appliances.map(({ host }) => `[${host}]:${fleetPort} ${publicKey}`).join(''));
  const inventory = join(folder, 'inventory');
  const lines = appliances.map(({ name, host }) => `${name} ansible_host=${host} ansible_port=${fleetPort}`);
  await writeFile(inventory, `${lines.join('\n')}\n`);
  let sequence = 0;

  /** Makes a request on each appliance and answers it. Not part of what is measured. */
  async function makeAnswers(): Promise<string> {
    sequence += 1;
    const requests = join(await mkdtemp(join(folder, 'requests-')), 'out');
    await mkdir(requests);
    const { items } = requestsSchema.parse(
      JSON.parse(await sallyport('licence', 'request', '--out', requests)),
    );
    const answers = await mkdtemp(join(folder, 'answers-'));
    for (const { name, request } of items) {
      const { applianceId, id, nonce } = readRequest(request);
      const licence = licencePayload(applianceId, { sequence, request: { id, nonce } });
      await writeFile(join(answers, `${name}.jws`), `${signGenuine(licence)}\n`);
    }
    return answers;
  }

  /** Verifies here, dry run, apply, read back, receipts: all in one command. */
  async function renewWithSallyport(): Promise<number> {
    const answers = await makeAnswers();
    const receipts = await mkdtemp(join(folder, 'receipts-'));
    const begun = performance.now();
    const out = await sallyport('licence', 'apply-many', answers, '--receipts', receipts);
    const seconds = (performance.now() - begun) / 1000;
    const { items } = appliedSchema.parse(JSON.parse(out));
    if (items.length !== appliances.length || items.some(({ outcome }) => outcome !== 'applied'))
      throw new Error('not every licence was applied');
    return seconds;
  }

  /** Copies each answer and imports it, without a dry run, a read-back or a receipt. */
  async function renewWithAnsible(forks: string): Promise<number> {
    const answers = await makeAnswers();
    const home = await mkdtemp('/tmp/bench-ansible-');
    const common = ['--inventory', inventory, '--forks', forks, '--user', box.adminUser];
    const ssh = ['--private-key', box.adminKeyFile, `--ssh-common-args=-o UserKnownHostsFile=${knownHosts}`];
    const env = {
      ...process.env,
      ANSIBLE_HOME: home,
      ANSIBLE_LOCAL_TEMP: home,
      ANSIBLE_SSH_CONTROL_PATH_DIR: home,
    };
    const ansible = (module: string, argument: string) =>
      run([...enter, 'ansible', 'all', ...common, ...ssh, '-m', module, '-a', argument], env);
    try {
      const begun = performance.now();
      await ansible('copy', `src=${answers}/{{ inventory_hostname }}.jws dest=answer.jws`);
      await ansible('raw', 'sudo -n ke_manage_license_key import answer.jws');
      return (performance.now() - begun) / 1000;
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  }

  /** How many appliances have the last licence. */
  async function countRenewed(): Promise<number> {
    const shown = z
      .object({
        items: z.array(z.object({ licence: z.object({ sequence: z.int().nullable() }).nullable() })),
      })
      .parse(JSON.parse(await sallyport('licence', 'show')));
    return shown.items.filter(({ licence }) => licence?.sequence === sequence).length;
  }
  return { renewWithSallyport, renewWithAnsible, countRenewed };
}
