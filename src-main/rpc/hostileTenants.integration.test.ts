import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Contract } from '../../src-shared/contract/index.ts';
import type { TenantAction } from '../../src-shared/model/tenants/tenantPlan.ts';
import {
  startApplianceConsole,
  temporaryFiles,
  tenantState,
  type ApplianceConsole,
} from '../../test-support/applianceConsole.ts';
import { startStockBox, type StockBox } from '../../test-support/stockBox.ts';
import { makeKey } from '../../test-support/plainSshd.ts';
import { serveMessagePort } from './transports.ts';

let appliance: StockBox;
let operator: ApplianceConsole;
const { port1, port2 } = new MessageChannel();

beforeAll(async () => {
  appliance = await startStockBox();
  operator = await startApplianceConsole(appliance);
  serveMessagePort(port1, { services: operator.services, role: 'admin' });
});
afterAll(async () => {
  port1.close();
  port2.close();
  await operator.stop();
  await appliance.stop();
});

const add = (clientId: string, publicKey: string): TenantAction => ({
  kind: 'add',
  clientId,
  key: { from: 'given', publicKey },
  quota: null,
});
const names = ['a\nb', "a'b", 'a"b', '$(reboot)', '`id`', '-f', '--json', '', 'a'.repeat(1024 * 1024)];

test('rejects impossible names and keys from the page with INVALID_INPUT', async () => {
  const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port: port2 }));
  const { publicKey } = makeKey(appliance.folder, 'hostile');
  const keys = [`command="sh" ${publicKey}`, `${publicKey}${publicKey}`, 'A'.repeat(1024 * 1024), '\0'];
  const applianceId = operator.entry.id;
  const request = { applianceId, reason: 'x' };
  const apply = { ...request, basis: null, typedName: null };
  const refused = { code: 'INVALID_INPUT' };
  await appliance.ke(['ke_manage_remote_networks', 'add', 'here']);
  const state = await tenantState(appliance);
  const hostile = [
    ...names.map((name) => add(name, publicKey)),
    ...names.map((clientId): TenantAction => ({ kind: 'remove', clientId })),
    ...keys.map((key) => add('good', key)),
  ];
  for (const action of hostile) {
    await expect(client.tenants.plan({ applianceId, action })).rejects.toMatchObject(refused);
    await expect(client.tenants.apply({ ...apply, action })).rejects.toMatchObject(refused);
  }
  const remove = { kind: 'remove', clientId: 'here' } as const;
  const { plan } = await client.tenants.plan({ applianceId, action: remove });
  for (const typedName of ['', 'her', 'here\n', 'HERE', null])
    await expect(
      client.tenants.apply({ ...request, basis: plan.basis, action: remove, typedName }),
    ).rejects.toMatchObject(refused);
  expect(await tenantState(appliance)).toBe(state);
  expect(await temporaryFiles(appliance)).toEqual([]);
});
