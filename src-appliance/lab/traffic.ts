import type { Appliance } from '../core/appliance.ts';
import type { Loopback } from './loopback.ts';
import type { Random } from './random.ts';
import type { SyslogFile } from './syslogFile.ts';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { readRepositoryUri, type RepositoryUri } from '../../src-shared/model/connectYaml/connectYaml.ts';
import { listTenants } from '../core/tenants/tenantList.ts';
import { labService } from './services/labServices.ts';

const answerTimeoutMs = 3000;
const listEveryMs = 5000;

type Probe = { clientId: string; repository: string; port: number; uri: RepositoryUri };
type Address = { host: string; port: number };

function askHttp(at: Address, uri: RepositoryUri, method: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = (uri.scheme === 'https' ? requestHttps : requestHttp)(
      {
        ...at,
        // Accept the sites' certificates, because they are self-signed.
        rejectUnauthorized: false,
        servername: uri.host,
        method,
        path: uri.path === '' ? '/' : uri.path,
        headers: { depth: '1' },
        timeout: answerTimeoutMs,
      },
      (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('end', () =>
          resolve(`${method} ${uri.path} ${response.statusCode ?? 0}, ${bytes} bytes`),
        );
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer in 3 s')));
    request.on('error', reject);
    request.end();
  });
}

function askService(at: Address, uri: RepositoryUri): Promise<string> {
  const service = labService(uri.service);
  return service.scheme === null
    ? service.ask({ ...at, timeout: answerTimeoutMs })
    : askHttp(at, uri, service.method);
}

/**
 * Sends a real request through a forwarded port from time to time, like the appliance's API, and logs the
 * result. Returns a function that stops it.
 */
export function startTraffic(options: {
  appliance: Appliance;
  loopback: Loopback;
  syslog: SyslogFile;
  random: Random;
}): () => void {
  const { appliance, loopback, syslog, random } = options;
  let probes: Probe[][] = [];
  let listedAt = 0;
  let timer: NodeJS.Timeout;

  const refresh = async (): Promise<void> => {
    listedAt = Date.now();
    const { tenants } = await listTenants(appliance, null);
    const found = tenants.map(({ clientId, forwards }) =>
      forwards.flatMap((forward) => {
        const uri = forward.uri === null ? 'no URI' : readRepositoryUri(forward.uri);
        if (forward.listener === null || typeof uri === 'string') return [];
        return [{ clientId, repository: forward.repository ?? '', port: forward.port, uri }];
      }),
    );
    probes = found.filter((own) => own.length > 0);
  };
  const ask = async ({ clientId, repository, port, uri }: Probe): Promise<void> => {
    const started = performance.now();
    const at = loopback.locate(port);
    const subject = `${clientId}/${repository} 127.0.0.1:${port}`;
    const outcome = await askService(at, uri).then(
      (answer) => ({ severity: 'info' as const, text: answer }),
      (error: unknown) => ({
        severity: 'err' as const,
        text: `error: ${error instanceof Error ? error.message : 'failed'}`,
      }),
    );
    const took = Math.max(1, Math.round(performance.now() - started));
    syslog.write({
      program: 'ke_api',
      pid: 812,
      severity: outcome.severity,
      message: `${subject} ${uri.service}: ${outcome.text}, ${took} ms`,
    });
  };
  const askNext = async (): Promise<void> => {
    if (Date.now() - listedAt > listEveryMs) await refresh();
    // Choose a tenant first and then one of its repositories. Otherwise a tenant with many failing
    // repositories would fill the log.
    const [first, ...rest] = probes;
    const [probe, ...others] = first === undefined ? [] : random.pick([first, ...rest]);
    if (probe !== undefined) await ask(random.pick([probe, ...others]));
  };
  const schedule = (): void => {
    timer = setTimeout(
      () => {
        // Don't wait for the reply, because there may never be one.
        void askNext().catch((error: unknown) =>
          syslog.write({
            program: 'ke_api',
            pid: 812,
            severity: 'err',
            message: `error: ${error instanceof Error ? error.message : 'failed'}`,
          }),
        );
        schedule();
      },
      random.between(250, 900),
    );
  };
  schedule();
  return () => clearTimeout(timer);
}
