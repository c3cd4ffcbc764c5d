import { z } from 'zod';
import { hostKeyDetailSchema, unparsedDetailSchema, type ErrorFacts } from './errorFacts.ts';
import type { KeExitCode } from './exitCodes.ts';

const final = { retryable: false, exitCode: 'failed' } as const;
const retryable = { retryable: true, exitCode: 'failed' } as const;
const unreachableFacts = {
  ...retryable,
  exitCode: 'cannotConnect',
  linkFault: 'address',
  remedy: 'Check the address, port and network. The console retries automatically.',
} as const;
const hostKey = {
  ...final,
  exitCode: 'hostKey',
  linkFault: 'host key',
  detail: hostKeyDetailSchema,
} as const;
/** Facts of an error with which the appliance rejects a request before it changes anything. */
const refused = (exitCode: KeExitCode, keExitCode = exitCode) =>
  ({ retryable: false, exitCode, keExitCode, changedNothing: true }) as const;

const codes = {
  INVALID_INPUT: {
    ...refused('usage'),
    meaning: 'The input is not valid.',
    remedy: 'Correct the field that the message names.',
  },
  NOT_FOUND: {
    ...refused('notFoundOrThere'),
    meaning: 'There is no such appliance, tenant or record.',
    remedy: 'Check the name.',
  },
  ALREADY_EXISTS: {
    ...refused('notFoundOrThere'),
    meaning: 'The name is taken.',
    remedy: 'Choose another name, or edit the existing entry.',
  },
  ADDRESS_TAKEN: {
    ...final,
    exitCode: 'notFoundOrThere',
    meaning: 'Another entry already has this host, port, user and jump hosts. The message names the entry.',
    remedy: 'Use or edit that entry, or enter another address.',
  },
  NOT_PERMITTED: {
    ...refused('notPermitted'),
    meaning: 'Your role in this console does not allow it, or the appliance or its sudo refused it.',
    remedy:
      'For your role, ask the administrator of this console; otherwise ask the administrator of the appliance.',
  },
  APPLIANCE_LOCKED: {
    ...refused('notPermitted'),
    meaning: 'The appliance is locked in this console: its tenants can’t be changed. Nothing was done.',
    remedy:
      'If the change is intended, have an administrator unlock the appliance: `sallyport appliance unlock NAME`.',
  },
  POLICY_FORBIDS: {
    ...refused('notPermitted'),
    meaning: 'The managed policy file of this computer locks the setting or forbids the connected window.',
    remedy: 'Ask the administrator of this computer. `sallyport policy show` lists what the file says.',
  },
  CONFLICT: {
    ...refused('busy', 'notFoundOrThere'),
    meaning: 'The tenant or the note has changed since you viewed it. Nothing was done.',
    remedy: 'Check what changed, then make a new plan.',
  },
  TOO_MANY_KEYS: {
    ...refused('notFoundOrThere'),
    meaning: 'The tenant has 5 valid keys. A sixth is refused.',
    remedy:
      'Rotate the key without an overlap, which replaces all old keys. On the appliance: `ke_manage_remote_networks add CLIENT_ID -f`.',
  },
  BUSY: {
    ...refused('busy'),
    retryable: true,
    meaning: 'Another command holds the appliance’s lock.',
    remedy: 'Try again in a moment.',
  },
  LICENCE_FORBIDS: {
    ...refused('licenceForbids'),
    meaning: 'The licence is missing or has expired: you can’t add tenants or raise quotas.',
    remedy: 'Renew the licence.',
  },
  CONTRACT_ENDED: {
    ...refused('licenceForbids'),
    meaning:
      'The licence authority issues no licence to this appliance, because its contract has ended or was revoked.',
    remedy: 'Ask the vendor to renew the contract.',
  },
  TOO_MANY_REQUESTS: {
    ...refused('busy'),
    retryable: true,
    meaning:
      'The licence authority refused too many requests from this address, has issued many licences to this appliance today, or is still receiving a report.',
    remedy:
      'Wait, and correct what was refused before. `sallyport-authority answer` has no such limit of addresses.',
  },
  USAGE_STORE_FULL: {
    ...refused('busy'),
    meaning: 'The licence authority keeps as many usage reports or statements of the appliance as it may.',
    remedy:
      'Wait until old ones are deleted, 12 months after they were received. `sallyport-authority log` shows what was received.',
  },
  USAGE_NOT_SENT: {
    ...retryable,
    meaning: 'The appliance could not send its usage statements to the licence authority.',
    remedy:
      'Run `ke_usage_report send` on the appliance to see why, or carry the statement: `ke_usage_report statement --number`.',
  },
  VERIFICATION_FAILED: {
    ...refused('verificationFailed'),
    meaning: 'A signature, hash or hash chain is not valid.',
    remedy: 'Nothing was changed. Keep the data as evidence.',
  },
  AUTHORITY_UNTRUSTED: {
    ...refused('verificationFailed'),
    meaning: 'The TLS certificate of the licence authority is not the expected one. Nothing was sent to it.',
    remedy:
      'Check the address and `caFile` of the authority in `/etc/sallyport/appliance.json`, and whether a proxy replaces certificates.',
  },
  AUTHORITY_UNREACHABLE: {
    ...retryable,
    exitCode: 'cannotConnect',
    meaning: 'This computer can’t connect to the licence authority. The message says why.',
    remedy: 'Check the name and port of the authority, and the network and firewall of this computer.',
  },
  DESTINATION_UNREACHABLE: {
    ...retryable,
    exitCode: 'cannotConnect',
    meaning:
      'A destination of log lines, or a target of notifications, did not take them: it can’t be reached, or it is busy. The message says why.',
    remedy:
      'Wait: Sallyport tries again and continues where it stopped. Check the address, and the network and firewall between.',
  },
  DESTINATION_REFUSED: {
    ...final,
    exitCode: 'notPermitted',
    meaning:
      'A destination of log lines, or a target of notifications, refuses them, or can’t be trusted. The message says why.',
    remedy:
      'Check its token, certificate files and limits. Sallyport tries again from time to time, and continues where it stopped.',
  },
  FORWARD_REFUSED: {
    ...final,
    exitCode: 'notPermitted',
    changedNothing: true,
    meaning:
      'The appliance’s sshd lends no port to this computer, or would lend it to other computers too. Nothing was sent.',
    remedy:
      'For the administrator, sshd needs `AllowTcpForwarding yes` or `remote`, and `GatewayPorts no` or `clientspecified`.',
  },
  WINDOW_LIMIT: {
    ...retryable,
    meaning:
      'The connected window reached its limit of time or bytes, and was closed before the command ended.',
    remedy: 'Check what the appliance has now, then open another window with a longer time.',
  },
  WINDOW_INTERRUPTED: {
    ...retryable,
    meaning:
      'Sallyport ended while a connected window was open, e.g. because it was killed, and the window ended with it.',
    remedy:
      'Connect the appliance. The console then reads which licence it has. Open another window if it is the old one.',
  },
  OUTCOME_UNKNOWN: {
    ...final,
    meaning:
      'Sallyport ended while an action ran, e.g. because it was killed, and could not record its outcome.',
    remedy:
      'Read back what the appliance has now: open its page from the record, then repeat the action if it is missing.',
  },
  CONNECT_FAILED: {
    ...unreachableFacts,
    meaning: 'A TCP or SSH connection could not be established.',
  },
  CONNECT_TIMEOUT: {
    ...unreachableFacts,
    meaning: 'There was no answer in time.',
  },
  LINK_LOST: {
    ...retryable,
    exitCode: 'cannotConnect',
    isLinkProblem: true,
    meaning: 'The session ended while it was in use.',
    remedy: 'Wait. The console reconnects automatically.',
  },
  LINK_NOT_READY: {
    ...retryable,
    exitCode: 'cannotConnect',
    commandHasEnded: true,
    isLinkProblem: true,
    meaning: 'There is no session yet.',
    remedy: 'Connect the appliance, or wait until it is connected.',
  },
  HOST_KEY_UNKNOWN: {
    ...hostKey,
    stoppedLabel: 'host key not accepted',
    meaning: 'The host key has not been accepted yet (first connection).',
    remedy: 'Check the fingerprint over another channel, then accept the key.',
  },
  HOST_KEY_REVOKED: {
    ...final,
    exitCode: 'hostKey',
    linkFault: 'host key',
    stoppedLabel: 'host key revoked',
    meaning: 'A known_hosts file of this computer marks the offered host key as revoked. Nothing was sent.',
    remedy:
      'Ask the appliance’s administrator for its new host key. If the revocation is wrong, remove its @revoked line from that file.',
  },
  HOST_KEY_CHANGED: {
    ...hostKey,
    stoppedLabel: 'host key changed',
    meaning: 'The host key differs from the pinned key. Nothing was sent after the key exchange.',
    remedy: 'Find out why the key changed before you replace the pinned key.',
  },
  ALGORITHMS_REFUSED: {
    ...final,
    exitCode: 'cannotConnect',
    linkFault: 'algorithms',
    meaning:
      'The SSH server offers no algorithm that is secure enough, or its RSA host key is under 2048 bits. The message lists what it offers.',
    remedy: 'Update its SSH server, or allow legacy algorithms in the appliance’s entry.',
  },
  AUTHENTICATION_FAILED: {
    ...final,
    exitCode: 'cannotConnect',
    linkFault: 'login',
    stoppedLabel: 'login rejected',
    meaning:
      'Every permitted way to log in was refused, or the server refused the account. The message lists what was tried and quotes the server.',
    remedy: 'Fix the key or the account, then connect.',
  },
  SECRET_NEEDED: {
    ...final,
    exitCode: 'cannotConnect',
    changedNothing: true,
    linkFault: 'login',
    stoppedLabel: 'No password or passphrase entered',
    meaning: 'A passphrase or password is needed, and there is no terminal to ask for it.',
    remedy: 'Run the command in a terminal.',
  },
  VAULT_LOCKED: {
    ...final,
    exitCode: 'cannotConnect',
    changedNothing: true,
    linkFault: 'vault',
    stoppedLabel: 'Vault locked',
    meaning: 'A secret in the vault is needed, the vault is locked, and its passphrase was not entered.',
    remedy:
      'Unlock the vault on the page, or run the command in a terminal. Without a terminal: `sallyport --passphrase-fd N`.',
  },
  VAULT_WRONG_PASSPHRASE: {
    ...final,
    exitCode: 'notPermitted',
    changedNothing: true,
    meaning: 'The passphrase does not open the vault.',
    remedy: 'Enter the passphrase again. It can’t be recovered: without it, create a new vault.',
  },
  VAULT_DAMAGED: {
    ...final,
    changedNothing: true,
    meaning: 'The vault file is damaged or was changed by another program. Nothing was written to it.',
    remedy:
      'Restore `vault.json` from a backup. Without one, move the file away, create a new vault, and enter the secrets with `sallyport credential rotate NAME`.',
  },
  VAULT_BUSY: {
    ...retryable,
    exitCode: 'busy',
    changedNothing: true,
    meaning: 'Another program is writing to the vault.',
    remedy: 'Try again in a moment.',
  },
  KEY_STORE_UNAVAILABLE: {
    ...final,
    changedNothing: true,
    meaning:
      'The key store of the operating system can’t be used, or can only be used by the desktop program.',
    remedy:
      'Start a key store (GNOME Keyring or KWallet) and sign in again, or create a vault with a passphrase.',
  },
  CREDENTIAL_IN_USE: {
    ...final,
    exitCode: 'busy',
    changedNothing: true,
    meaning: 'Appliances refer to the credential, so it can’t be removed. The message names them.',
    remedy: 'Give these appliances another credential, or none, then remove it.',
  },
  KEY_UNREADABLE: {
    ...final,
    exitCode: 'usage',
    linkFault: 'login',
    stoppedLabel: 'key file unreadable',
    meaning: 'The private key file can’t be read or isn’t a private key.',
    remedy: 'Check its path and format.',
  },
  COMMAND_FAILED: {
    ...retryable,
    keExitCode: 'failed',
    meaning: 'A command on the appliance failed. The detail shows its message.',
    remedy: 'Fix the cause that the message names.',
  },
  DATABASE_UNUSABLE: {
    ...retryable,
    keExitCode: 'failed',
    changedNothing: true,
    meaning:
      'The database with the accounts can’t be reached, or its tables are not those of this kit. Nothing was counted or changed.',
    remedy:
      'Check the database that `db` of the configuration names. If the tables are missing or older, run `ke_manage_accounts init`.',
  },
  COMMAND_MISSING: {
    ...final,
    changedNothing: true,
    meaning: 'The appliance has no such command.',
    remedy: 'Install the kit, or check the PATH of the login user.',
  },
  COMMAND_TIMEOUT: {
    ...retryable,
    isBadAnswer: true,
    meaning: 'The command did not end in time and was stopped.',
    remedy: 'Check the load of the appliance.',
  },
  OUTPUT_TOO_LARGE: {
    ...final,
    isBadAnswer: true,
    meaning: 'The output is larger than any valid output. Reading was stopped.',
    remedy: 'Check the output on the appliance.',
  },
  OUTPUT_UNPARSED: {
    ...final,
    commandHasEnded: true,
    isBadAnswer: true,
    detail: unparsedDetailSchema,
    meaning: 'The output has an unknown format. It is shown unchanged, with a warning.',
    remedy: 'Update the appliance, or read the output yourself.',
  },
  SUDO_REFUSED: {
    ...final,
    exitCode: 'notPermitted',
    changedNothing: true,
    meaning: 'sudo requires a password or does not allow the command.',
    remedy: 'Change the sudo setting in the appliance’s entry.',
  },
  UPLOAD_FAILED: {
    ...retryable,
    changedNothing: true,
    meaning: 'The temporary file with a public key could not be copied to the appliance.',
    remedy: 'The message contains the SFTP server’s answer.',
  },
  LOG_UNREADABLE: {
    ...retryable,
    meaning: 'The appliance’s log does not exist, or can be read neither directly nor through `ke_syslog`.',
    remedy:
      'If it does not exist, start the appliance’s syslog service. Otherwise update the kit, or allow the login user to read the log (group adm).',
  },
  LOG_POSITION: {
    ...retryable,
    meaning:
      'Log lines don’t continue where the kept lines of their file end. Nothing was kept twice or left out.',
    remedy: 'Wait. The console reads the log again from the kept position.',
  },
  LOG_STORE_FULL: {
    ...retryable,
    meaning: 'The disk of the kept logs is full. New lines are shown, but not kept.',
    remedy: 'Free space on this computer, or keep fewer logs. Keeping then continues without a gap.',
  },
  LOG_STORE_IN_USE: {
    ...retryable,
    meaning: 'Another program on this computer keeps the logs of the data folder.',
    remedy: 'Nothing. Logs can be searched here, too, and this program keeps them once the other has ended.',
  },
  ALREADY_WATCHED: {
    ...retryable,
    meaning: 'Another sallyport watch sends the notifications of the data folder.',
    remedy: 'Nothing, if that one is to go on. Otherwise stop it first, so that nothing is sent twice.',
  },
  STORE_FROM_FUTURE: {
    ...final,
    meaning: 'The data folder was written by a newer Sallyport.',
    remedy: 'Use that version of Sallyport.',
  },
  STORE_FAILED: {
    ...retryable,
    meaning: 'The data folder can’t be read or written.',
    remedy: 'Check free space and permissions.',
  },
  AUDIT_BROKEN: {
    ...final,
    exitCode: 'verificationFailed',
    meaning: 'The audit chain is broken. The message names the first record that doesn’t match.',
    remedy: 'Keep a copy, and find out who wrote to the file.',
  },
  PORT_UNAVAILABLE: {
    ...retryable,
    exitCode: 'busy',
    meaning: 'The web host’s port is in use on 127.0.0.1 or ::1, or this user may not use it.',
    remedy: 'Find the program that uses the port (`ss -ltnp`), or use another port.',
  },
  TERMINAL_UNAVAILABLE: {
    ...final,
    meaning:
      'Only the desktop app can open a terminal, on Linux and macOS, and only if it found a terminal program when it started.',
    remedy: 'Copy the ssh command and run it in a terminal.',
  },
  TERMINAL_FAILED: {
    ...retryable,
    meaning: 'The terminal program did not start, or exited immediately with an error.',
    remedy:
      'Start the terminal program without Sallyport to see why, or copy the ssh command and run it elsewhere.',
  },
  BILLING_PLAN_MISSING: {
    ...final,
    meaning: 'The licence has no price plan with this name, so no amount can be computed.',
    remedy:
      'Ask the vendor for a licence that has its price plan, or name one of the plans that the message lists.',
  },
  BILLING_PLAN_INVALID: {
    ...final,
    exitCode: 'usage',
    meaning: 'The price plan can’t be read. The message names the field.',
    remedy: 'Correct the field, or ask the vendor for a correct plan.',
  },
  BILLING_PLAN_NOT_IN_FORCE: {
    ...final,
    meaning: 'The price plan is not in force on any day of the month.',
    remedy: 'Choose a month or a plan that fits the days that the message names.',
  },
  BILLING_CURRENCY_UNKNOWN: {
    ...final,
    meaning: 'The currency of the price plan is not in ISO 4217, so amounts can’t be rounded.',
    remedy: 'Ask the vendor for a plan with a known currency.',
  },
  BILLING_CURRENCIES_DIFFER: {
    ...final,
    exitCode: 'usage',
    meaning: 'Amounts are in different currencies. They are never added or compared.',
    remedy: 'Compare amounts of one currency.',
  },
  BILLING_COUNTS_INCOMPLETE: {
    ...retryable,
    meaning: 'The appliance did not count all accounts. Amounts that depend on them are not shown.',
    remedy: 'Fix the cause that the message names, then refresh. The last complete counts remain available.',
  },
  BILLING_COUNT_MISSING: {
    ...final,
    meaning: 'The plan charges by a number that the appliance does not count.',
    remedy: 'Update the appliance’s kit, or ask the vendor what the line counts.',
  },
  BILLING_CLOCK: {
    ...final,
    meaning: 'The counts are from before the month that they are for: the appliance’s clock was wrong.',
    remedy: 'Correct the appliance’s clock, then refresh.',
  },
  BILLING_HISTORY_SHORT: {
    ...retryable,
    meaning: 'There are too few kept counts to project the end of the month.',
    remedy: 'Wait. The console keeps the counts of each day; the message says how many days are missing.',
  },
  BILLING_INVOICE_UNREADABLE: {
    ...final,
    exitCode: 'usage',
    meaning: 'The vendor’s invoice can’t be read. The message names the line and the column.',
    remedy: 'Correct the column mapping or the file. Nothing was compared.',
  },
  CANCELLED: { ...retryable, isLinkProblem: true, meaning: 'Stopped on request.', remedy: '' },
  INTERNAL: {
    ...final,
    meaning: 'A defect in Sallyport. The log has the details.',
    remedy: 'Report it with the log.',
  },
} satisfies Record<string, ErrorFacts>;
export type ErrorCode = keyof typeof codes;

/**
 * Every failure that an operator can meet, by its stable code **[ours]**. `docs/errors.md` is generated from
 * this table.
 */
export const errorCodes: Readonly<Record<ErrorCode, ErrorFacts>> = codes;

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(codes, value);
}

export const errorCodeNames = Object.keys(codes).filter(isErrorCode);
export const errorCodeSchema = z.custom<ErrorCode>(isErrorCode, 'unknown error code');
