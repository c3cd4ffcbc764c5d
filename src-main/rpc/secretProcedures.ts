import { procedures } from './procedures.ts';

const { secrets } = procedures;

/** Maps the procedures of the vault and its credentials to their service. */
export const secretProcedures = {
  vault: secrets.vault.handler(({ context }) => ({ vault: context.services.secrets.state() })),
  create: secrets.create.handler(async ({ context, input }) => {
    await context.services.secrets.create(input.passphrase);
    return { vault: context.services.secrets.state() };
  }),
  unlock: secrets.unlock.handler(async ({ context, input }) => {
    await context.services.secrets.unlock(input.passphrase);
    return { vault: context.services.secrets.state() };
  }),
  lock: secrets.lock.handler(({ context }) => {
    context.services.secrets.lock();
    return { vault: context.services.secrets.state() };
  }),
  touch: secrets.touch.handler(({ context }) => {
    context.services.secrets.touch();
    return { vault: context.services.secrets.state() };
  }),
  dismissUnlock: secrets.dismissUnlock.handler(({ context }) => {
    context.services.secrets.dismissUnlock();
    return {};
  }),
  changePassphrase: secrets.changePassphrase.handler(async ({ context, input }) => {
    await context.services.secrets.changePassphrase(input.before, input.after);
    return {};
  }),
  credentials: secrets.credentials.handler(({ context }) => ({
    credentials: context.services.secrets.credentials.list(),
  })),
  addCredential: secrets.addCredential.handler(async ({ context, input }) => {
    await context.services.secrets.credentials.add(input);
    return {};
  }),
  rotateCredential: secrets.rotateCredential.handler(async ({ context, input }) => {
    await context.services.secrets.credentials.rotate(input.name, input.values);
    return {};
  }),
  removeCredential: secrets.removeCredential.handler(async ({ context, input }) => {
    await context.services.secrets.credentials.remove(input.name);
    return {};
  }),
  settings: secrets.settings.handler(({ context }) => ({ settings: context.services.secrets.settings() })),
  setSettings: secrets.setSettings.handler(async ({ context, input }) => {
    await context.services.secrets.setSettings(input.settings);
    return {};
  }),
};
