import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import type { ApplianceInput } from '../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../src-shared/model/appliance/hostKey.ts';
import { applianceInput } from './applianceInput.ts';

const addressSchema = z.object({
  user: z.string(),
  host: z.string(),
  port: z.int(),
  identityFile: z.string(),
  hostKeySha256: z.string(),
});

export type AnsweringProcess = {
  /** The appliance's entry, as an operator would enter it. */
  input: (name: string) => ApplianceInput;
  hostKey: HostKey;
  /** Replaces the appliance's list of tenants by this item of `hostileAnswers`. */
  print: (answer: string) => Promise<void>;
  stop: () => Promise<void>;
};

/**
 * Starts `answeringAppliance.ts` as a process, so that it does not slow down the thread that the test
 * measures.
 */
export async function startAnsweringProcess(): Promise<AnsweringProcess> {
  const child = fork(join(import.meta.dirname, 'answeringAppliance.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const exited = once(child, 'exit');
  const message = async (): Promise<unknown> => {
    const ended = exited.then(() => {
      throw new Error('the appliance ended');
    });
    const [first] = await Promise.race([once(child, 'message'), ended]);
    return first;
  };
  const { host, port, user, identityFile, hostKeySha256 } = addressSchema.parse(await message());
  return {
    input: (name) => applianceInput({ host, port, adminUser: user, adminKeyFile: identityFile }, name),
    hostKey: { type: 'ssh-ed25519', fingerprint: hostKeySha256 },
    print: async (answer) => {
      const reply = message();
      child.send({ print: answer });
      await reply;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
