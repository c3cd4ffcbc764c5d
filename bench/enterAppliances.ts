import { createServices } from '../src-main/services.ts';
import type { Sudo } from '../src-shared/model/appliance/applianceEntry.ts';

/** Enters appliances in a new console. They share one login and the pinned host key. */
export async function enterAppliances(
  dataFolder: string,
  appliances: readonly { name: string; host: string }[],
  login: {
    port: number;
    user: string;
    keyFile: string;
    sudo: Sudo;
    hostKey: { type: string; fingerprint: string };
  },
): Promise<void> {
  const { port, user, keyFile, sudo, hostKey } = login;
  const authentication = { agent: false, keyFile, password: false, keyboardInteractive: false };
  const services = createServices({ dataFolder, host: 'cli', lab: false });
  try {
    for (const { name, host } of appliances)
      await services.appliances.add(
        {
          name,
          jumps: [],
          sudo,
          legacyAlgorithms: false,
          connect: 'always',
          group: '',
          cluster: '',
          target: { host, port, user, authentication },
          description: '',
          tags: [],
          colour: 'none',
        },
        hostKey,
      );
  } finally {
    await services.close();
  }
}
