import type { TunnelCode } from '../../src-shared/model/tunnels/tunnelCodes.ts';
import type { Side } from '../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import type { ClientKind } from './clientKinds.ts';
import type { MatrixCell, MatrixSetup } from './matrixCell.ts';

/** The verdict that the console must reach, or why the fault can't occur with this client. */
type Expectation = { code: TunnelCode; side: Side } | { notApplicable: string };

/** A fault of a tunnel. The rows drive the matrix test and the table in `docs/faults.md`. */
export type FaultRow = {
  name: string;
  /** What happens, for the document. */
  fault: string;
  expected: Readonly<Record<ClientKind, Expectation>>;
  /** The longest time from the fault to the verdict. */
  withinSeconds: number;
  /** True if only a test of the tunnel can find the fault. The time to detect then counts from a new test. */
  isTested?: true;
  /** True if only a test with a large request can find the fault. */
  isLarge?: true;
  /** What the evidence of a layer must say besides the code. */
  evidence?: RegExp;
  /** True if the fault is there before the client starts. */
  isFromStart?: true;
  /** `new`: the verdict must be about another session than before. `same`: the session must go on. */
  session?: 'new' | 'same';
  /** Other verdicts that may be seen before the expected one. */
  before?: readonly TunnelCode[];
  /** The scheme of the URI in connect.yaml. */
  scheme?: string;
  /** The service at first: WebDAV by default, or Debian's SMB server. */
  service?: 'smbd';
  /** The repositories of connect.yaml; the last one is judged. */
  repositories?: readonly string[];
  begin?: (cell: MatrixCell) => Promise<void>;
  /** Begins a fault that affects every tunnel of the appliance. It must be over when this resolves. */
  beginForAll?: (setup: MatrixSetup) => Promise<void>;
};

/**
 * Upper bounds of the time to detect, in seconds on a busy computer. `answer`: the next answer of the appliance
 * shows the fault. `login`: the client must first be refused or log in again. `silence`: a session counts as
 * silent after several missed signs of life. `test`: a test must wait for the service. `sharing`: an older client
 * must prove that it outlives a newer one; plain OpenSSH does so only after a minute **[ours]**.
 */
export const bounds = { answer: 30, login: 60, silence: 60, test: 60, sharing: 120 } as const;
export const tenant = (code: TunnelCode) => ({ code, side: 'tenant' }) as const;
export const all = (expected: Expectation) => ({ connect: expected, autossh: expected, ssh: expected });
/** The tunnel works, if necessary in a new session. */
export const well = {
  connect: { code: 'T-6000', side: 'none' },
  autossh: { code: 'T-6998', side: 'none' },
  ssh: { code: 'T-6998', side: 'none' },
} as const;
const noService = {
  notApplicable: 'plain OpenSSH does not name the service, so a test sends no request to it',
} as const;
export const refusedForward = { notApplicable: 'the client ends, because its forward is refused' } as const;
export const onlyConnect = (expected: Expectation) => ({
  connect: expected,
  autossh: noService,
  ssh: noService,
});
