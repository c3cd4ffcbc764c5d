import { z } from 'zod';
import { AppError, errorDataSchema } from '../../errors.ts';
import { instantSchema } from '../../base/time.ts';
import { readReceiverAddress, type AddressForm, type ReceiverAddress } from '../../base/receiverAddress.ts';

type TargetFacts = {
  label: string;
  /** Null if the kind has no address. */
  address: AddressForm | null;
  /** An address of the kind, as an example for forms; empty if it has none. */
  example: string;
  /** The word instead of an address that means this computer's own log; null if the kind has none. */
  localWord: string | null;
  /** The files that the kind can use. */
  files: readonly TargetFile[];
  /** Whether the target also gets a message when the problem is over. */
  tellsEnd: boolean;
  /** How many notifications are handed over at once. */
  batch: number;
  /** What a user must know about notifications that can be lost or doubled. */
  guarantee: string;
};

export const targetFileNames = [
  'addressFile',
  'secretFile',
  'tokenFile',
  'caFile',
  'certificateFile',
  'keyFile',
] as const;
export type TargetFile = (typeof targetFileNames)[number];
const tlsFiles = ['caFile', 'certificateFile', 'keyFile'] as const;

export const targetKindNames = ['desktop', 'webhook', 'syslog'] as const;
export type TargetKind = (typeof targetKindNames)[number];

/** Where notifications can be sent to. */
export const targetKinds = {
  desktop: {
    label: 'Desktop notification',
    address: null,
    example: '',
    localWord: null,
    files: [],
    tellsEnd: false,
    batch: 50,
    guarantee:
      'It is shown on the desktop of the user who runs sallyport watch. Nothing confirms that it was seen.',
  },
  webhook: {
    label: 'Webhook (JSON by HTTPS POST)',
    address: {
      schemes: {
        https: { isSecure: true, port: 443 },
        http: { isSecure: false, port: 80, isForThisComputerOnly: true },
      },
      path: '/',
      mayHaveQuery: true,
    },
    example: 'https://alerts.example.com/sallyport',
    localWord: null,
    files: ['addressFile', 'secretFile', 'tokenFile', ...tlsFiles],
    tellsEnd: true,
    batch: 1,
    guarantee:
      'The receiver confirms each notification with a status from 200 to 299. After a broken connection one can arrive twice, with the same webhook-id.',
  },
  syslog: {
    label: 'Syslog (RFC 5424)',
    address: {
      schemes: {
        tls: { isSecure: true, port: 6514 },
        tcp: { isSecure: false, port: 601 },
        udp: { isSecure: false, port: 514 },
      },
      path: null,
    },
    example: 'tls://logs.example.com:6514',
    localWord: 'local',
    files: tlsFiles,
    tellsEnd: true,
    batch: 50,
    guarantee:
      'The protocol confirms nothing: messages that were sent just before a connection broke, and any by udp, can be lost. By tcp and udp anyone on the network can read and forge them.',
  },
} as const satisfies Record<TargetKind, TargetFacts>;

const file = z.string().min(1).max(4096).nullable().default(null);

/** A target of notifications. Secrets stay in the named files, and are read when they are needed. */
export const targetSchema = z.strictObject({
  id: z.uuid(),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/u, 'use 1 to 63 characters: a-z, 0-9, dot, dash or underscore'),
  kind: z.enum(targetKindNames),
  /** Empty if the kind has none, or if `addressFile` has it. */
  address: z.string().max(2048).default(''),
  /** A file with the address, if the address itself is a secret, as that of a chat's webhook is. */
  addressFile: file,
  /** The secret of the signature: `whsec_` and base64, or another word. */
  secretFile: file,
  /** A bearer token. */
  tokenFile: file,
  /** Certificates of authorities to trust instead of those of this computer. */
  caFile: file,
  /** This computer's own certificate and key, if the receiver asks for them. */
  certificateFile: file,
  keyFile: file,
});
export type Target = z.infer<typeof targetSchema>;
export const newTargetSchema = targetSchema.omit({ id: true });
export type NewTarget = z.infer<typeof newTargetSchema>;

/** Where a target is. Throws INVALID_INPUT. */
export type TargetAddress = 'none' | 'local' | ReceiverAddress;
export function readTargetAddress(kind: TargetKind, address: string): TargetAddress {
  const { address: form, localWord } = targetKinds[kind];
  if (form === null) return 'none';
  return address === localWord ? 'local' : readReceiverAddress(form, address);
}

const refuse = (why: string) => new AppError('INVALID_INPUT', `The target can’t be added: ${why}.`);

/** Throws INVALID_INPUT for an address or a file that the kind of target can't use. */
export function assertUsableTarget(target: NewTarget): void {
  const { label, address: form, files } = targetKinds[target.kind];
  const usable: readonly TargetFile[] = files;
  const useless = targetFileNames.find((name) => target[name] !== null && !usable.includes(name));
  if (useless !== undefined) throw refuse(`${label} has no ${useless}`);
  if (form === null) {
    if (target.address !== '') throw refuse(`${label} has no address`);
    return;
  }
  if ((target.address === '') === (target.addressFile === null))
    throw refuse(
      usable.includes('addressFile')
        ? 'it needs either an address or a file with the address'
        : 'it needs an address',
    );
  if (target.address === '') return;
  const read = readTargetAddress(target.kind, target.address);
  if (typeof read === 'string') return;
  // A query often has a key, and this address is kept and shown.
  if (read.path.includes('?'))
    throw refuse('an address with a query belongs into a file; use the address file');
}

/** A target with what was sent to it. */
export const targetStateSchema = z.object({
  target: targetSchema,
  sent: z.int().nonnegative(),
  /** Notifications that it refused, or that were more than a day old when it could be reached again. */
  lost: z.int().nonnegative(),
  /** Notifications that are still to be sent, also those that wait for the end of quiet hours. */
  waiting: z.int().nonnegative(),
  lastSentAt: instantSchema.nullable(),
  /** Why nothing can be sent now; null if the last attempt succeeded. */
  problem: errorDataSchema.pick({ code: true, message: true }).extend({ at: instantSchema }).nullable(),
});
export type TargetState = z.infer<typeof targetStateSchema>;

export const targetTestSchema = z.object({
  name: z.string(),
  /** Null if the target took the test notification. */
  problem: errorDataSchema.pick({ code: true, message: true }).nullable(),
});
