import { AppError } from '../../src-shared/errors.ts';
import { exitCodes } from '../../src-shared/exitCodes.ts';
import { maxDocumentBytes } from '../../src-shared/model/licence/documents.ts';
import { licenceArgv } from '../../src-shared/model/licence/licenceArgv.ts';
import type {
  ImportOutput,
  LicenceHistory,
  ReceiptOutput,
  RequestOutput,
} from '../../src-shared/model/licence/licenceCommands.ts';
import type { Session } from '../ssh/types.ts';
import { createAsk } from './askCommand.ts';

/**
 * Each method runs its command once, without retries. A kit without the command rejects with COMMAND_MISSING; other
 * errors are those of `Driver`.
 */
export type LicenceDriver = {
  /** Makes a signed request. The appliance's open request becomes void. */
  request: () => Promise<RequestOutput>;
  /** Installs a licence, or only checks it. Also resolves if the appliance refuses it: `outcome` is `refused`. */
  import: (input: { document: string; isDryRun: boolean }) => Promise<ImportOutput>;
  /** Rejects with NOT_FOUND if no licence was ever imported. */
  receipt: () => Promise<ReceiptOutput>;
  history: () => Promise<LicenceHistory>;
  /** Installs a kept version again. Rejects with NOT_FOUND, or VERIFICATION_FAILED if it is not valid now. */
  rollBack: (sequence: number) => Promise<ReceiptOutput>;
};

function assertSequence(sequence: number): void {
  if (!Number.isSafeInteger(sequence) || sequence < 1)
    throw new AppError('INVALID_INPUT', 'A sequence is a whole number from 1.');
}

export function createLicenceDriver({
  run,
  privileged,
}: {
  run: Session['run'];
  privileged: boolean;
}): LicenceDriver {
  const { ask, askNewKit } = createAsk({ run, privileged });
  return {
    request: () => askNewKit(licenceArgv.request, { kind: 'licenceRequest' }),
    import: async ({ document, isDryRun }) => {
      if (document.length > maxDocumentBytes)
        throw new AppError('INVALID_INPUT', `A licence has at most ${maxDocumentBytes} bytes.`);
      return askNewKit(isDryRun ? licenceArgv.dryRun : licenceArgv.import, {
        kind: 'licenceImport',
        stdin: `${document}\n`,
        isAnswer: ({ exitCode }) => exitCode === exitCodes.verificationFailed,
      });
    },
    receipt: () => askNewKit(licenceArgv.receipt, { kind: 'licenceReceipt' }),
    history: () => askNewKit(licenceArgv.history, { kind: 'licenceHistory' }),
    rollBack: async (sequence) => {
      assertSequence(sequence);
      return ask(licenceArgv.rollBack(sequence), { kind: 'licenceReceipt' });
    },
  };
}
