import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from './random.ts';

function secret(random: Random): string {
  return Array.from({ length: 8 }, () => random.between(0, 0xffff).toString(16).padStart(4, '0')).join('');
}

/** Writes the `/data/kloudless.yml` of an appliance of the lab, with secrets of its own. Without `db`: its accounts are in SQLite. */
export async function writeConfiguration(path: string, name: string, random: Random): Promise<void> {
  const text = `# ${name}, an appliance of the lab. Restart the services after a change.
hostname: ${name}.example
ssl:
  is_configured: true
redis:
  host: redis.${name}.example
  password: ${secret(random)}
api:
  secret_key: ${secret(random)}
  aes_key: ${secret(random)}
devs:
  secret_key: ${secret(random)}
`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o600 });
}
