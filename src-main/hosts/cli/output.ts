import { visibleText } from '../../../src-shared/base/machineText.ts';
import { systemErrorCode } from '../../../src-shared/node/systemErrorCode.ts';

export {
  createOutput,
  formatTable,
  formatValue,
  terminalJson,
  terminalText,
  type Output,
  type Paint,
} from '../../../src-shared/node/output.ts';

/**
 * Exits with 0 if the reader closed the pipe, as `| head` does. Exits with 1 for any other error, e.g. a full
 * disk, because a private key may be lost.
 */
export function handleOutputErrors(): void {
  process.stdout.on('error', (error) => {
    if (systemErrorCode(error) === 'EPIPE') process.exit(0);
    process.stderr.write(
      `sallyport: The output can’t be written: ${visibleText(error.message)}. Changes already made stay. If a private key was not printed in full, rotate the key.\n`,
    );
    process.exit(1);
  });
}
