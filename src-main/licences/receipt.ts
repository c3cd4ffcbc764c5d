import {
  licenceReceiptSchema,
  type LicenceReceipt,
  type LicenceRequest,
} from '../../src-shared/model/licence/licenceRequest.ts';
import { isSignedBy, readDocument } from '../../src-shared/model/licence/signedDocument.ts';

/** The key that signs the appliance's requests and receipts, as its request names it. */
const applianceKey = ({ publicKey }: LicenceRequest) =>
  ({ kty: 'OKP', crv: 'Ed25519', x: publicKey, kid: '' }) as const;

/** Whether the request is signed by the key that it names. */
export function isRequestSigned(document: string, request: LicenceRequest): Promise<boolean> {
  return isSignedBy(document, applianceKey(request));
}

/** The payload of a receipt that the appliance of `request` signed. Otherwise null. */
export async function readReceipt(document: string, request: LicenceRequest): Promise<LicenceReceipt | null> {
  const read = readDocument(document, 'receipt');
  if ('problem' in read || !(await isSignedBy(document, applianceKey(request)))) return null;
  const receipt = licenceReceiptSchema.safeParse(read.payload).data;
  return receipt?.applianceId === request.applianceId ? receipt : null;
}
