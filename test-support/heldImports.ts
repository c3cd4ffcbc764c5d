import { chmod, copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StockBox } from './stockBox.ts';
import { waitFor } from './waitFor.ts';

/** Where an import of a licence can be held: in its dry run, before it starts, or after it ended and before its answer. */
type HoldPoint = 'dry-run' | 'before' | 'after';

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Puts a script in front of a box's import of licences, so that a test can hold it and count how often it ran. */
export async function holdImports(box: Pick<StockBox, 'system' | 'folder'>) {
  const folder = join(box.folder, 'holds');
  await mkdir(folder);
  const command = box.system.path('/usr/local/sbin/ke_manage_license_key');
  await copyFile(command, join(folder, 'real'));
  await writeFile(
    command,
    `#!/bin/sh
folder=${folder}
hold() {
  [ -e "$folder/$1" ] || return 0
  : >"$folder/$1.reached"
  while [ -e "$folder/$1" ]; do sleep 0.05; done
}
case "$*" in
  'import - --dry-run --json') hold dry-run ;;
  'import - --json')
    echo import >>"$folder/imports"
    hold before
    "$folder/real" "$@"
    code=$?
    hold after
    exit $code
    ;;
esac
exec "$folder/real" "$@"
`,
  );
  await chmod(command, 0o755);
  return {
    hold: async (point: HoldPoint): Promise<void> => {
      await rm(join(folder, `${point}.reached`), { force: true });
      await writeFile(join(folder, point), '');
    },
    untilHeld: (point: HoldPoint): Promise<void> =>
      waitFor(`an import is held: ${point}`, () => exists(join(folder, `${point}.reached`))),
    release: (point: HoldPoint): Promise<void> => rm(join(folder, point), { force: true }),
    /** How many imports were started, without dry runs. */
    count: async (): Promise<number> =>
      (await readFile(join(folder, 'imports'), 'utf8').catch(() => '')).split('\n').length - 1,
    /** Ends a held import, as a power failure does. */
    kill: () => box.system.run(['pkill', '-KILL', '-f', 'ke_manage_license_key import -']),
  };
}
