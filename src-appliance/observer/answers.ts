import { AppError, keExitCodeOf } from '../../src-shared/errors.ts';
import { keExitCodes } from '../../src-shared/exitCodes.ts';
import { createSharedWork } from '../../src-shared/base/sharedWork.ts';
import { parsePosition } from '../../src-shared/model/watch/watchLines.ts';
import { clientIdSchema } from '../../src-shared/model/tenants/clientId.ts';
import type { Appliance } from '../core/appliance.ts';
import { showLicence } from '../core/licence/licence.ts';
import { hasJournal } from '../core/state/stagedFiles.ts';
import { readStatus } from '../core/status.ts';
import { listTenants } from '../core/tenants/tenantList.ts';
import type { Request } from '../service/gate.ts';
import type { Watching } from './watching.ts';

/** The observer does not know such a request. The command then does its work itself. */
const notServedCode = 69;

type Answer = { code: number; text: string };

const notServed: Answer = { code: notServedCode, text: '' };

/*
 * The observer's first line is `exit CODE LENGTH`, and LENGTH bytes follow: the output, or the reason if the code is
 * not 0. For `watch` it is `exit 0 -`, and lines follow until one side ends.
 */
export function createAnswers(options: { openAppliance: () => Appliance; watching: Watching }) {
  const { openAppliance, watching } = options;
  // A look reads all processes and sockets. Scripts that ask at once share it.
  const answerStatus = createSharedWork(async () => done(await readStatus(openAppliance())));
  const answerList = createSharedWork(async () => done(await listTenants(openAppliance(), null)));

  async function answerOf(verb: string, words: readonly string[]): Promise<Answer> {
    if (verb === 'status' && words.length === 0) return answerStatus();
    if (verb === 'licence' && words.length === 0) {
      const appliance = openAppliance();
      // The command finishes an interrupted change first. The observer changes nothing.
      return hasJournal(appliance.config.stateFolder) ? notServed : done(await showLicence(appliance));
    }
    const [clientId = null, ...tooMany] = words;
    if (verb !== 'list' || tooMany.length > 0) return notServed;
    if (clientId === null) return answerList();
    if (!clientIdSchema.safeParse(clientId).success) return notServed;
    return done(await listTenants(openAppliance(), clientId));
  }

  async function answer({ words, socket }: Request): Promise<void> {
    const [verb = '', , ...rest] = words;
    if (verb === 'watch') {
      const [since] = rest;
      if (watching.isFull()) {
        end(
          socket,
          failed('ke_watch', new AppError('TOO_MANY_REQUESTS', 'too many consoles watch this appliance')),
        );
        return;
      }
      socket.write('exit 0 -\n');
      watching.add(socket, since === undefined ? null : parsePosition(since));
      // The client sends nothing more. Its end closes the socket.
      socket.resume();
      socket.once('end', () => socket.destroy());
      return;
    }
    try {
      end(socket, await answerOf(verb, rest));
    } catch (error) {
      end(socket, failed(programs.get(verb) ?? verb, error));
    }
  }

  return { answer };
}

/** The commands that ask, by verb. */
const programs: ReadonlyMap<string, string> = new Map([
  ['status', 'ke_status'],
  ['list', 'ke_manage_remote_networks'],
  ['licence', 'ke_manage_license_key'],
]);

const done = (value: unknown): Answer => ({ code: keExitCodes.done, text: `${JSON.stringify(value)}\n` });

function failed(program: string, error: unknown): Answer {
  const isOurs = error instanceof AppError;
  const reason = error instanceof Error ? error.message.replaceAll('\n', ' ') : 'unknown error';
  const code = isOurs ? error.code : 'INTERNAL';
  return {
    code: isOurs ? keExitCodeOf(error.code) : keExitCodes.failed,
    text: `${program}: ${code}: ${reason}\n`,
  };
}

function end(socket: Request['socket'], { code, text }: Answer): void {
  const bytes = Buffer.from(text);
  socket.write(`exit ${code} ${bytes.length}\n`);
  socket.end(bytes);
  socket.resume();
}
