import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServices } from '../src-main/services.ts';
import { labAnnouncementSchema } from '../src-shared/model/appliance/labAnnouncement.ts';
import { applianceInput } from './applianceInput.ts';
import { waitFor } from './waitFor.ts';

const program = join(import.meta.dirname, '../src-appliance/lab/main.ts');

/** Starts a lab as a program, and a console that watches all its appliances and tests tunnels only on request. */
export async function startWatchedLab(flags: readonly string[]) {
  const lab = spawn(process.execPath, [program, ...flags, '--exit-with-stdin'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let notices = '';
  lab.stderr.setEncoding('utf8').on('data', (text: string) => (notices += text));
  const failed = once(lab, 'exit').then(() => {
    throw new Error(`the lab did not start: ${notices}`);
  });
  failed.catch(() => undefined);
  const [line] = await Promise.race([once(createInterface({ input: lab.stdout }), 'line'), failed]);
  const announcement = labAnnouncementSchema.parse(JSON.parse(String(line)));
  const dataFolder = await mkdtemp(join(tmpdir(), 'sallyport-watched-lab-'));
  const services = createServices({ dataFolder, host: 'web', operator: 'tester' });
  await services.prober.setSettings({ ...services.prober.settings(), enabled: false });
  const ids = new Map<string, string>();
  for (const { name, host, port, user, identityFile, hostKeySha256 } of announcement.appliances) {
    const access = { host, port, adminUser: user, adminKeyFile: identityFile, sudo: 'nopasswd' as const };
    const hostKey = { type: 'ssh-ed25519', fingerprint: hostKeySha256 };
    const entry = await services.appliances.add(applianceInput(access, name), hostKey);
    ids.set(name, entry.id);
  }
  const watching = new AbortController();
  const watched = (async () => {
    for await (const _ of services.watchFleet(watching.signal));
  })();
  const idOf = (name: string) => ids.get(name) ?? '';
  const waitForFault = (fault: string) =>
    waitFor(`${fault} starts`, () => notices.includes(`lab: ${fault}: started\n`));
  return {
    announcement,
    /** Resolves when a fault has started. */
    waitForFault,
    /** Ends a fault as soon as it has started. Resolves when it has ended. */
    endFault: async (fault: string) => {
      await waitForFault(fault);
      lab.stdin.write(`end ${fault}\n`);
      await waitFor(`${fault} ends`, () => notices.includes(`lab: ${fault}: ended\n`));
    },
    /** Connects an appliance again after its connection was stopped. */
    connect: (appliance: string) => services.links.connect(idOf(appliance)),
    /** The codes of a tenant's tunnels, after a new answer from the appliance and a new test of them. */
    tunnelCodes: async (appliance: string, clientId: string) => {
      await services.fleet.refresh([idOf(appliance)]).catch(() => undefined);
      await services.prober
        .probe({ applianceId: idOf(appliance), clientId, port: null })
        .catch(() => undefined);
      const views = services.fleet.tenants(idOf(appliance));
      return views.find(({ tenant }) => tenant.clientId === clientId)?.tunnels.map(({ code }) => code) ?? [];
    },
    /** The codes of the appliance's own problems, after a new answer from it. */
    problemCodes: async (appliance: string) => {
      await services.fleet.refresh([idOf(appliance)]).catch(() => undefined);
      const { problems } = services.fleet.view(idOf(appliance)).health;
      return problems.flatMap(({ code, clientId }) => (clientId === null ? [code] : []));
    },
    stop: async () => {
      watching.abort();
      await watched;
      await services.close();
      lab.stdin.end();
      await once(lab, 'exit');
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
