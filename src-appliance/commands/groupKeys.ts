import { AppError } from '../../src-shared/errors.ts';
import { maxGroupKeyOverlapHours } from '../../src-shared/model/tenants/groupKeys.ts';
import { readStreamBounded } from '../../src-shared/node/files.ts';
import { readMoment } from '../core/licence/moment.ts';
import { createSecretKeys } from '../core/secrets/secretKeys.ts';
import { isGroupKey, listGroupKeys, rotateGroupKey, showGroupKey } from '../core/tenants/groupKeys.ts';
import { readArguments, readClientId, readWholeNumber, usage } from './arguments.ts';
import type { KeCommand } from './command.ts';

type Call = Parameters<KeCommand>[0];
const program = 'ke_manage_remote_networks';
const momentOf = ({ appliance: { config, now } }: Call) => readMoment(config.stateFolder, now());
/** A key has 47 characters. */
const maxKeyBytes = 1024;

/** Reads `CLIENT_ID GROUP`. The name of a group may contain spaces. */
function readGroup(words: readonly string[], verb: string): { clientId: string; group: string } {
  const [clientId, group, ...tooMany] = words;
  if (clientId === undefined || group === undefined || tooMany.length > 0)
    throw usage(`usage: ${program} group-key ${verb} CLIENT_ID GROUP [--json]`);
  return { clientId: readClientId(clientId), group };
}

/** Logs who used or changed a key. The key itself is never logged. */
function logUse({ appliance }: Call, severity: 'notice' | 'warning', what: string): Promise<void> {
  return appliance.log({ program, severity, message: `${what} by ${appliance.caller}` });
}

async function list(call: Call): Promise<void> {
  const { words, appliance, print } = call;
  const { words: rest, flags } = readArguments(words, {});
  const [word, ...tooMany] = rest;
  if (tooMany.length > 0) throw usage(`usage: ${program} group-key list [CLIENT_ID] [--json]`);
  const clientId = word === undefined ? null : readClientId(word);
  const { stateFolder } = appliance.config;
  const groupKeys = listGroupKeys({ stateFolder, clientId, moment: momentOf(call) });
  if (flags.has('json')) return print.json({ contract: 1, groupKeys });
  if (groupKeys.length === 0)
    print.line('no group has a key yet; a key is created when Connect announces a group');
  for (const { clientId: tenant, group, mask, createdAt, rotatedAt, previousUntil } of groupKeys)
    print.line(
      `${tenant}  ${group}  ${mask}  ${rotatedAt === null ? `created ${createdAt}` : `rotated ${rotatedAt}`}${previousUntil === null ? '' : `, the former key until ${previousUntil}`}`,
    );
}

async function show(call: Call): Promise<void> {
  const { words, flags } = readArguments(call.words, {});
  const place = readGroup(words, 'show');
  const key = showGroupKey({ stateFolder: call.appliance.config.stateFolder, ...place });
  // The record comes before the key, so that no key is shown without one.
  await logUse(call, 'notice', `showed the group key of ${place.clientId} ${place.group}`);
  if (flags.has('json')) return call.print.json({ contract: 1, ...place, key });
  call.print.line(key);
}

async function rotate(call: Call): Promise<void> {
  const { words, flags, values } = readArguments(call.words, { values: ['overlap'] });
  const place = readGroup(words, 'rotate');
  const overlap = values.get('overlap');
  const overlapHours =
    overlap === undefined
      ? 0
      : readWholeNumber(overlap, { what: 'HOURS', least: 1, most: maxGroupKeyOverlapHours });
  const { appliance, print } = call;
  const groupKey = await appliance.lock(async () =>
    rotateGroupKey({
      stateFolder: appliance.config.stateFolder,
      ...place,
      overlapHours,
      moment: momentOf(call),
    }),
  );
  const until =
    groupKey.previousUntil === null ? '' : `, the former key stays valid until ${groupKey.previousUntil}`;
  await logUse(call, 'notice', `rotated the group key of ${place.clientId} ${place.group}${until}`);
  if (flags.has('json')) return print.json({ contract: 1, groupKey });
  print.line(`rotated the key of ${place.clientId} ${place.group}${until}`);
}

/** Checks a key on stdin, for other programs on the appliance. Needs no root rights, only the API's group. */
async function verify(call: Call): Promise<void> {
  const { words, flags } = readArguments(call.words, {});
  const place = readGroup(words, 'verify');
  const bytes = await readStreamBounded(call.stdin, maxKeyBytes);
  if (bytes === null) throw usage('the key on stdin is too long');
  const key = bytes.toString('utf8').replace(/\r?\n$/, '');
  const { stateFolder } = call.appliance.config;
  if (!isGroupKey({ stateFolder, ...place, key, moment: momentOf(call) }))
    throw new AppError('VERIFICATION_FAILED', `this is not the key of ${place.clientId} ${place.group}`);
  if (flags.has('json')) return call.print.json({ contract: 1, ...place, isValid: true });
  call.print.line(`the key of ${place.clientId} ${place.group} is valid`);
}

async function init(call: Call): Promise<void> {
  readArguments(call.words, {});
  const isNew = await createSecretKeys(call.appliance.config.stateFolder);
  call.print.line(isNew ? 'created the key pair for secrets' : 'the key pair for secrets exists');
}

const verbs: ReadonlyMap<string, KeCommand> = new Map(Object.entries({ list, show, rotate, verify, init }));

/** `ke_manage_remote_networks group-key …` **[ours]**. */
export const groupKeys: KeCommand = async (call) => {
  const [name, ...words] = call.words;
  const verb = verbs.get(name ?? '');
  if (verb === undefined)
    throw usage(`usage: ${program} group-key ${[...verbs.keys()].join('|')} … [--json]`);
  await verb({ ...call, words });
};
