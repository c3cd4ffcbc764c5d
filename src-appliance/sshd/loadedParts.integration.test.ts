import { beforeAll, describe, expect, it } from 'vitest';
import { buildKitBundle } from '../../test-support/kitBundle.ts';
import { listLoadedParts } from '../../test-support/startCost.ts';

// How much processor time a start needs, startCost.soak.test.ts measures: that depends on the machine.
describe('what a command loads of Node', () => {
  let parts: Awaited<ReturnType<typeof listLoadedParts>>;
  beforeAll(async () => {
    parts = await listLoadedParts(await buildKitBundle());
  });

  const never = ['http', 'https', 'tls', 'zlib', 'worker_threads', 'sqlite', 'internal/crypto/webcrypto'];
  const reading = [...never, 'crypto', 'child_process'];

  it.each([
    ['ke_status', never],
    ['ke_manage_remote_networks list', reading],
    ['ke_manage_license_key show', [...never, 'child_process']],
    ['ke_update_configuration show', never],
  ])('of %s is none of %j', (name, forbidden) => {
    const loaded = parts.get(name) ?? [];
    // The list has what the command does load.
    expect(loaded).toContain('fs');
    expect(forbidden.filter((part) => loaded.includes(part))).toEqual([]);
  });
});
