import { rm, writeFile } from 'node:fs/promises';
import { dayMs, hourMs } from '../../../src-shared/base/time.ts';
import { licencePath } from '../../core/licence/licence.ts';
import { generateKeyPair } from '../../core/tenants/keyPair.ts';
import type { EmbeddedAppliance } from '../embeddedAppliance.ts';
import type { ApplianceFault, EndFault } from './labFault.ts';

const usualDays = 212;

/** Installs a licence. Resolves with the way back. */
async function replaceLicence(
  { appliance, licences }: EmbeddedAppliance,
  licence: string,
): Promise<EndFault> {
  const path = licencePath(appliance.config.stateFolder);
  await writeFile(path, licence);
  return () => writeFile(path, licences.issue(usualDays));
}

function ofLicence(fault: {
  name: string;
  summary: string;
  code: string;
  start: (appliance: EmbeddedAppliance) => Promise<EndFault>;
}): ApplianceFault {
  return { on: 'appliance', side: 'operator', ...fault };
}

export const applianceFaults: readonly ApplianceFault[] = [
  {
    on: 'appliance',
    side: 'network',
    name: 'appliance-down',
    summary: 'sshd of the appliance does not run',
    code: 'A-1001',
    start: async ({ sshd }) => {
      sshd.stop();
      return sshd.start;
    },
  },
  {
    on: 'appliance',
    side: 'operator',
    name: 'host-key-changed',
    summary: 'sshd of the appliance has another host key than before',
    code: 'A-1010',
    start: async ({ sshd }) => {
      sshd.stop();
      const usual = sshd.hostKey();
      await sshd.start(generateKeyPair('another host').privateKey);
      return async () => {
        sshd.stop();
        await sshd.start(usual);
      };
    },
  },
  {
    on: 'appliance',
    side: 'appliance',
    name: 'disk-almost-full',
    summary: 'the disk with the appliance’s state is almost full',
    code: 'A-2002',
    plan: { hasOwnDisk: true },
    start: async ({ disk }) => {
      if (disk === null)
        throw new Error(
          'disk-almost-full: this system does not let users mount a disk (unshare --user --mount)',
        );
      // On a full disk, nothing can be changed either, which is A-2004.
      await disk.fill(256 * 1024);
      return disk.free;
    },
  },
  {
    on: 'appliance',
    side: 'appliance',
    name: 'clock-set-back',
    summary: 'the clock of the appliance was set back by two days',
    code: 'A-2003',
    start: async ({ setClock }) => {
      setClock(-2 * dayMs);
      return () => setClock(0);
    },
  },
  {
    on: 'appliance',
    side: 'appliance',
    name: 'clock-set-ahead',
    summary: 'the clock of the appliance was set ahead by two hours',
    code: 'A-2005',
    start: async ({ setClock }) => {
      setClock(2 * hourMs);
      return () => setClock(0);
    },
  },
  {
    on: 'appliance',
    side: 'appliance',
    name: 'text-before-answers',
    summary: 'a start-up file of the login shell prints text in front of each answer',
    code: 'A-1016',
    start: async ({ setLogin }) => {
      setLogin({ startupText: 'Welcome! Maintenance on Sunday.\n' });
      return () => setLogin();
    },
  },
  {
    on: 'appliance',
    side: 'appliance',
    name: 'one-session',
    summary: 'sshd allows one session per connection (MaxSessions 1)',
    code: 'A-1015',
    start: async ({ setLogin, sshd }) => {
      setLogin({ maxSessions: 1 });
      sshd.stop();
      await sshd.start();
      return async () => {
        setLogin();
        sshd.stop();
        await sshd.start();
      };
    },
  },
  {
    on: 'appliance',
    side: 'appliance',
    name: 'service-stopped',
    summary: 'a service of the appliance does not run',
    code: 'A-2001',
    start: async ({ api }) => {
      api.stop();
      return api.start;
    },
  },
  ofLicence({
    name: 'licence-expires-soon',
    summary: 'the licence expires in five days',
    code: 'L-expiring',
    start: (appliance) => replaceLicence(appliance, appliance.licences.issue(5)),
  }),
  ofLicence({
    name: 'licence-in-grace',
    summary: 'the licence expired three days ago and is in its grace period',
    code: 'L-grace',
    start: (appliance) => replaceLicence(appliance, appliance.licences.issue(-3)),
  }),
  ofLicence({
    name: 'licence-expired',
    summary: 'the licence and its grace period are over',
    code: 'L-expired',
    start: (appliance) => replaceLicence(appliance, appliance.licences.issue(-30)),
  }),
  ofLicence({
    name: 'licence-forged',
    summary: 'the licence was signed with another key',
    code: 'L-unverifiable',
    start: (appliance) => replaceLicence(appliance, appliance.licences.forge(usualDays)),
  }),
  ofLicence({
    name: 'licence-missing',
    summary: 'the licence was deleted',
    code: 'L-missing',
    start: async (appliance) => {
      const back = await replaceLicence(appliance, appliance.licences.issue(usualDays));
      await rm(licencePath(appliance.appliance.config.stateFolder));
      return back;
    },
  }),
];
