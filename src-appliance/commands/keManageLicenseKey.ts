import { showLicence } from '../core/licence/licence.ts';
import { readArguments, usage } from './arguments.ts';
import type { KeCommand } from './command.ts';

export const keManageLicenseKey: KeCommand = async ({ words, appliance, print }) => {
  const { words: rest, flags } = readArguments(words, {});
  if (rest.length !== 1 || rest[0] !== 'show') throw usage('usage: ke_manage_license_key show [--json]');
  const licence = await showLicence(appliance);
  if (flags.has('json')) return print.json(licence);
  print.line(`State    ${licence.state}: ${licence.reason}`);
  if (licence.key !== null) print.line(`Key      ${licence.key}`);
  if (licence.notBefore !== null && licence.expiresAt !== null)
    print.line(
      `Term     ${licence.notBefore} to ${licence.expiresAt}, grace to ${licence.graceEndsAt ?? ''}`,
    );
  if (licence.entitlements !== null) {
    const { accounts, connectors, plan, internalDevelopment } = licence.entitlements;
    print.line(
      `Grants   ${accounts ?? 'unlimited'} accounts, plan ${plan}${internalDevelopment ? ', internal development' : ''}`,
    );
    print.line(`         connectors: ${connectors.join(', ') || 'none'}`);
  }
  if (licence.clockRanBackFrom !== null) print.line(`Clock    set back from ${licence.clockRanBackFrom}`);
};
