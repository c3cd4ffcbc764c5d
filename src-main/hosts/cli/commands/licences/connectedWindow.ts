import { fromErrorData } from '../../../../../src-shared/errors.ts';
import { exitCodes } from '../../../../../src-shared/exitCodes.ts';
import { quoteArgv } from '../../../../../src-shared/base/quoteArgv.ts';
import { secondMs } from '../../../../../src-shared/base/time.ts';
import type {
  WindowClosed,
  WindowPlan,
  WindowResult,
  WindowView,
} from '../../../../../src-shared/model/licence/connectedWindow.ts';
import type { Services } from '../../../../services.ts';
import { assertConfirmed } from '../../confirm.ts';
import { formatValue } from '../../output.ts';
import { stopSignal } from '../../stopSignal.ts';
import { findAppliance, withConsole, type Globals } from '../../withConsole.ts';
import { formatChanges, formatLosses, joinParts } from './licenceText.ts';

export type WindowOptions = { timeLimit: number; dryRun: boolean; acceptLoss: string[]; yes: boolean };

const tellMs = secondMs;

function formatPlan({ applianceName, authority, ...plan }: WindowPlan, seconds: number): string {
  const target = formatValue(`${authority.host}:${authority.port}`);
  return [
    `This computer will connect to ${target}, and to nothing else, for one command on ${applianceName}:`,
    `  ${plan.command}`,
    `It is closed when the command ends, after ${seconds} s at the latest. The connection is TLS: this computer carries it but can’t read it.`,
    'The appliance sends:',
    ...authority.sends.map(({ path, fields }) => `  ${path}: ${fields.map(formatValue).join(', ')}`),
    ...(plan.voidedTrip === null
      ? []
      : [
          `Renewal ${plan.voidedTrip} is open. A check sends its request again; a renewal here makes it void, with a new request.`,
        ]),
    ...plan.warnings,
  ].join('\n');
}

function formatClosed({ forward, isListening, openConnections }: WindowClosed): string {
  const end = forward === 'confirmed' ? 'sshd confirmed it' : 'the SSH connection ended';
  const listens =
    isListening === null
      ? 'the appliance could not be asked about its port'
      : `the port on the appliance ${isListening ? 'STILL LISTENS' : 'no longer listens'}`;
  return `Closed: ${end}, ${listens}, ${openConnections} connections to the authority are open.`;
}

const resultText: Record<WindowResult, string> = {
  renewed: 'The licence was installed and read back.',
  acceptable: 'The appliance would accept the licence. Nothing was changed.',
  refused: 'The appliance refuses the licence. Nothing was changed.',
  failed: 'The licence was not changed.',
  'rolled-back': 'The appliance showed another licence than it reported. The one before was installed again.',
  different: 'The appliance shows another licence than it reported.',
  unknown: 'It is not known which licence is installed. Run licence show.',
};

function formatWindow({ finished, closed, ...window }: WindowView): string {
  const sent = finished?.output?.exchange?.sent ?? [];
  const clock = finished?.output?.licence?.forecast.find(
    ({ item, outcome }) => item === 'clock' && outcome !== 'fits',
  );
  const losses = (finished?.losses ?? []).map((loss) => ({ ...loss, acknowledged: null }));
  return joinParts(
    formatChanges((finished?.changes ?? []).filter(({ effect }) => effect !== 'same')),
    formatLosses(losses),
    clock === undefined ? '' : `Clock of the appliance: ${clock.detail}.`,
    [
      ...sent.map(({ path, bytes, fields }) => `Sent ${path}, ${bytes} bytes: ${fields.join(', ')}`),
      `Carried ${window.sentBytes} bytes to the authority and ${window.receivedBytes} back, in ${window.connections} connections.`,
      ...(closed === null ? [] : [formatClosed(closed)]),
      resultText[finished?.result ?? 'unknown'],
    ].join('\n'),
  );
}

/** Shows the countdown on a terminal until `ended`. */
async function showProgress(
  current: () => WindowView | null,
  ended: Promise<WindowView>,
): Promise<WindowView> {
  const tell = () => {
    const window = current();
    if (window?.lent == null) return;
    const left = Math.max(0, Math.ceil((Date.parse(window.lent.closesAt) - Date.now()) / secondMs));
    const line = `open to ${window.host}:${window.port}, closes in ${left} s, ${window.sentBytes} bytes sent, ${window.receivedBytes} received`;
    process.stderr.write(`\r\u001b[K${line.slice(0, process.stderr.columns - 1)}`);
  };
  const timer = process.stderr.isTTY ? setInterval(tell, tellMs) : undefined;
  try {
    return await ended;
  } finally {
    clearInterval(timer);
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}

/** Runs one window to its end. A signal such as Ctrl-C closes it. */
async function runToEnd(
  { connectedWindow }: Services,
  opening: Parameters<Services['connectedWindow']['open']>[0],
): Promise<WindowView> {
  const { applianceId } = opening;
  connectedWindow.open(opening);
  void stopSignal().reached.then(() => connectedWindow.cancel({ applianceId }));
  return showProgress(() => connectedWindow.current({ applianceId }), connectedWindow.ended({ applianceId }));
}

/**
 * Renews a licence through this computer. A first window only checks what the authority offers. Nothing is renewed if that
 * takes something away that is not named by `acceptLoss`.
 */
export function renewThroughWindow(
  globals: Globals,
  { name, options }: { name: string; options: WindowOptions },
): Promise<number> {
  return withConsole(globals, async (services) => {
    const { output } = globals;
    const { dryRun, acceptLoss, timeLimit: seconds } = options;
    const applianceId = findAppliance(services, name).id;
    const plan = await services.connectedWindow.plan({ applianceId });
    if (options.yes) for (const warning of plan.warnings) output.printError(`sallyport: ${warning}`);
    else process.stderr.write(`${formatPlan(plan, seconds)}\n`);
    await assertConfirmed(options.yes);
    const { host, port } = plan.authority;
    const opening = { applianceId, confirmed: { host, port }, seconds, acknowledged: [] };
    let window = await runToEnd(services, { ...opening, isDryRun: true });
    const losses = window.finished?.losses ?? [];
    const isAccepted = losses.every(({ id }) => acceptLoss.includes(id));
    if (!dryRun && isAccepted && window.finished?.result === 'acceptable')
      window = await runToEnd(services, { ...opening, acknowledged: acceptLoss, isDryRun: false });
    output.print(window, () => formatWindow(window));
    const failure = window.finished?.failure ?? null;
    if (failure !== null) throw fromErrorData(failure);
    if (dryRun || isAccepted) return exitCodes.done;
    const accepting = losses.map(({ id }) => quoteArgv(['--accept-loss', id])).join(' ');
    output.printError(
      `sallyport: The licence takes something away. Nothing was changed. To accept each loss, add: ${accepting}`,
    );
    return exitCodes.usage;
  });
}
