import { AppError } from '../errors.ts';
import { quoteText } from './machineText.ts';

type SchemeFacts = {
  isSecure: boolean;
  port: number;
  /** Without TLS, what is sent may be too confidential for a network. */
  isForThisComputerOnly?: boolean;
};

/** The schemes that an address may have; the first one if it has none. */
export type AddressForm = {
  schemes: Readonly<Record<string, SchemeFacts>>;
  /** The path if the address has none; null if the protocol has no paths. */
  path: string | null;
  /** Whether the path may be followed by a query, as in addresses that are secrets themselves. */
  mayHaveQuery?: boolean;
};

export type ReceiverAddress = {
  scheme: string;
  isSecure: boolean;
  host: string;
  port: number;
  path: string;
};

const ownMachine = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/iu;

/** Reads an address such as `logs.example.com` or `tls://logs.example.com:6514`. Throws INVALID_INPUT. */
export function readReceiverAddress(form: AddressForm, address: string): ReceiverAddress {
  const [first = ''] = Object.keys(form.schemes);
  const refuse = (why: string) =>
    new AppError('INVALID_INPUT', `The address ${quoteText(address.slice(0, 200))} can’t be used: ${why}.`);
  const [, scheme = first, rest = ''] = /^(?:([a-z+]+):\/\/)?(.*)$/su.exec(address) ?? [];
  const facts = Object.hasOwn(form.schemes, scheme) ? form.schemes[scheme] : undefined;
  if (facts === undefined) throw refuse(`it must begin with ${first}://`);
  const written = `https://${rest}`;
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || rest === '') throw refuse(`write it as ${first}://HOST:PORT`);
  if (url.username !== '' || url.password !== '')
    throw refuse('it must contain no user and no password; put a token into a file');
  if (url.hash !== '' || (url.search !== '' && form.mayHaveQuery !== true))
    throw refuse('it must end with its path');
  if (form.path === null && url.pathname !== '/') throw refuse('this protocol has no paths');
  const host = url.hostname.replace(/^\[(.*)\]$/u, '$1');
  if (facts.isForThisComputerOnly === true && !ownMachine.test(host))
    throw refuse(`without TLS, it may only be this computer; use ${first}://`);
  const writtenPort = /^(?:\[[^\]]*\]|[^/:]*):(\d+)/u.exec(rest)?.[1];
  return {
    scheme,
    isSecure: facts.isSecure,
    host,
    port: writtenPort === undefined ? facts.port : Number(writtenPort),
    path: url.pathname === '/' && url.search === '' ? (form.path ?? '/') : `${url.pathname}${url.search}`,
  };
}
