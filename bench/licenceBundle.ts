import { performance } from 'node:perf_hooks';
import { decodeQR } from 'qr/decode.js';
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { drawPixels } from '../src-renderer/features/licences/qr/drawQr.ts';
import { encodeModules } from '../src-shared/model/licence/qrModules.ts';
import { compareLicences } from '../src-shared/model/licence/compareLicences.ts';
import { createQrFrames, createQrReader } from '../src-shared/model/licence/qrFrames.ts';
import { licenceRequestSchema } from '../src-shared/model/licence/licenceRequest.ts';
import { readDocument } from '../src-shared/model/licence/signedDocument.ts';
import { verifyLicence } from '../src-shared/model/licence/verifyLicence.ts';
import { aLicence } from '../test-support/aLicence.ts';
import { forgedKeySet, signGenuine } from '../test-support/forgery/forge.ts';
import { createLicenceRequester } from '../test-support/licenceRequester.ts';
import { licencePayload } from '../test-support/licenceSupply.ts';
import { median } from './machine.ts';

/** As `QrCode.tsx` shows them. */
const framesPerSecond = 5;
const lostShare = 0.3;

/** A request, and a bundle of about 4 kB that answers it: most of it is a configuration. */
async function createBundle() {
  const requester = await createLicenceRequester();
  const read = readDocument(await requester.request(), 'request');
  const request = licenceRequestSchema.parse('problem' in read ? null : read.payload);
  const set = Object.fromEntries(
    Array.from({ length: 75 }, (_, at) => [`section-${at}.name`, `value ${at}`.padEnd(10)]),
  );
  const licence = licencePayload(request.applianceId, {
    sequence: 13,
    request: { id: request.id, nonce: request.nonce },
    configuration: { revision: 1, set },
  });
  return { request, bundle: signGenuine(licence) };
}

type Bundle = Awaited<ReturnType<typeof createBundle>>;

async function timeVerification({ request, bundle }: Bundle) {
  const before = aLicence({ state: 'valid', sequence: 12, expiresAt: new Date().toISOString() });
  const verifyOnce = async () => {
    const begun = performance.now();
    const { accepted } = await verifyLicence(bundle, {
      ...forgedKeySet,
      applianceId: request.applianceId,
      applianceVersion: request.applianceVersion,
      request,
      highestSequence: 12,
      configurationRevision: request.configurationRevision,
      now: Date.now(),
    });
    if (accepted === null) throw new Error('the bundle is refused');
    compareLicences({ before, after: accepted, request, configuration: null });
    return performance.now() - begun;
  };
  const firstMs = await verifyOnce();
  const times: number[] = [];
  for (let round = 0; round < 200; round += 1) times.push(await verifyOnce());
  return { firstMs, medianMs: median(times), maxMs: Math.max(...times) };
}

/** Shows the frames as pictures, loses some, and reads the others. Returns how many frames were shown. */
function countFrames(bundle: string, seed: number): number {
  const { frameAt } = createQrFrames(bundle);
  const reader = createQrReader();
  const random = xorshift128plus(seed);
  for (let frame = 0; frame < 500; frame += 1) {
    if (uniformInt(random, 0, 999) < lostShare * 1000) continue;
    const picture = drawPixels(encodeModules(frameAt(frame)), 3);
    const progress = reader.read(decodeQR(picture));
    if (progress.state === 'complete' && progress.text === bundle) return frame + 1;
  }
  throw new Error('the bundle was not read');
}

function timeAnimation({ bundle }: Bundle) {
  const seconds = Array.from({ length: 30 }, (_, seed) => countFrames(bundle, seed + 1) / framesPerSecond);
  const { chunks } = createQrFrames(bundle);
  return { framesPerSecond, lostShare, chunks, medianS: median(seconds), maxS: Math.max(...seconds) };
}

/** Verifies and compares a bundle, and reads it from an animated QR code. */
export async function measureBundle() {
  const made = await createBundle();
  return {
    bytes: made.bundle.length,
    verifyAndCompare: await timeVerification(made),
    animation: timeAnimation(made),
  };
}
