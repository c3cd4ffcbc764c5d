import { InvalidArgumentError, type Command } from 'commander';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { readTextFile } from '../../../src-shared/node/namedFiles.ts';
import { startAuthorityService, type RequestLine } from '../service/service.ts';
import type { AuthorityContext } from './program.ts';

const maxPemBytes = 256 * 1024;

type Listen = { host: string; port: number };

function parseListen(text: string): Listen {
  const match = /^(?:\[([\da-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/iu.exec(text);
  const [, v6, name, port = ''] = match ?? [];
  const host = v6 ?? name;
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('Enter an address and port, like 192.0.2.10:8443 or [::1]:8443.');
  return { host, port: Number(port) };
}

/** One line without anything that a client sent. */
function logRequest({ method, path, status, durationMs }: RequestLine): void {
  process.stderr.write(`${new Date().toISOString()} ${method} ${path} ${status} ${durationMs} ms\n`);
}

function logError(thrown: unknown): void {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : 'unknown error';
  process.stderr.write(`${new Date().toISOString()} ${visibleText(text)}\n`);
}

/** `serve`. */
export function addServeCommand(program: Command, { withAuthority }: AuthorityContext): void {
  program
    .command('serve')
    .description('serve appliances and the upload page over HTTPS until SIGINT or SIGTERM')
    .requiredOption('--listen <host:port>', 'address to listen on; port 0 means a free port', parseListen)
    .requiredOption('--tls-cert <file>', 'certificate chain (PEM)')
    .requiredOption('--tls-key <file>', 'private key of the certificate (PEM)')
    .action((options: { listen: Listen; tlsCert: string; tlsKey: string }) =>
      withAuthority(async (authority, output) => {
        const stopped = new Promise<void>((resolve) => {
          for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
            process.once(signal, () => resolve());
        });
        const service = await startAuthorityService({
          authority,
          ...options.listen,
          cert: readTextFile(options.tlsCert, maxPemBytes),
          key: readTextFile(options.tlsKey, maxPemBytes),
          onRequest: logRequest,
          onError: logError,
        });
        const { url, host, port } = service;
        output.line({ url, host, port }, () => `The authority answers at ${url}.`);
        await stopped;
        await service.close();
      }),
    );
}
