import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAuthorityService } from '../authority/service/service.ts';
import { createAuthority, type Authority } from '../authority/store/authority.ts';
import type { LabAnnouncement } from '../../src-shared/model/appliance/labAnnouncement.ts';
import { makeCertificate } from './certificate.ts';
import type { LabAppliance } from './fleetPlan.ts';

/** In the authority's certificate, too. */
const authorityHost = 'localhost';
const certificateDays = 400;

export type LabAuthority = {
  authority: Authority;
  url: string;
  /** The only certificate that appliances of the lab trust. */
  caFile: string;
  /** The authority's public keys, as every appliance of the lab has them. */
  keysFile: string;
  describe: (plans: readonly LabAppliance[]) => LabAnnouncement['authority'];
  stop: () => Promise<void>;
};

/** Creates a licence authority in `parent` and serves it over HTTPS on loopback. */
export async function startLabAuthority(
  parent: string,
  onNotice: (message: string) => void,
): Promise<LabAuthority> {
  const [folder, files] = [join(parent, 'authority'), join(parent, 'authority-files')];
  const [caFile, keysFile] = [join(files, 'ca.pem'), join(files, 'keys.json')];
  await mkdir(files);
  const authority = createAuthority({ folder });
  const certificate = await makeCertificate(authorityHost, certificateDays);
  await writeFile(caFile, certificate.cert);
  // Other users must not be able to change it, or appliances refuse it.
  await writeFile(keysFile, JSON.stringify(authority.keys.exportSet()), { mode: 0o644 });
  const service = await startAuthorityService({
    authority,
    host: '127.0.0.1',
    port: 0,
    ...certificate,
    onError: (thrown) => onNotice(thrown instanceof Error ? thrown.message : 'the licence authority failed'),
  });
  const url = `https://${authorityHost}:${service.port}`;
  return {
    authority,
    url,
    caFile,
    keysFile,
    describe: (plans) => {
      const names = (mode: LabAppliance['authority']) =>
        plans.filter((plan) => plan.authority === mode).map(({ name }) => name);
      return { url, folder, caFile, connected: names('connected'), offline: names('offline') };
    },
    stop: async () => {
      await service.close();
      authority.close();
    },
  };
}
