import { readArguments, usage, type ConnectCommand } from './arguments.ts';
import { sendToConnect } from './controlClient.ts';
import { exitCodeOf, exitCodes } from './exitCodes.ts';
import { initialConfiguration, lintFile } from './lint.ts';
import { start } from './start.ts';
import { formatHealth } from './statusText.ts';
import { connectVersion } from './version.ts';
import { AppError } from '../../src-shared/errors.ts';

function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

async function run(command: ConnectCommand): Promise<number> {
  switch (command.word) {
    case 'start':
      return start(command);
    case 'stop':
    case 'reload':
      await sendToConnect(command.socket, command.word);
      return exitCodes.done;
    case 'status': {
      const health = await sendToConnect(command.socket, 'health');
      await print(command.json ? `${JSON.stringify(health)}\n` : formatHealth(health));
      return health.state === 'connected' ? exitCodes.done : exitCodes.notConnected;
    }
    case 'lint': {
      const { text, hasErrors } = lintFile(command);
      await print(text);
      return hasErrors ? exitCodes.usage : exitCodes.done;
    }
    case 'init':
      await print(initialConfiguration(command));
      return exitCodes.done;
    case 'version':
      await print(`${connectVersion}\n`);
      return exitCodes.done;
    case 'help':
      await print(`${usage}\n`);
      return exitCodes.done;
  }
}

try {
  process.exit(await run(readArguments(process.argv.slice(2))));
} catch (error) {
  process.stderr.write(`connect: ${error instanceof AppError ? error.message : String(error)}\n`);
  process.exit(exitCodeOf(error));
}
