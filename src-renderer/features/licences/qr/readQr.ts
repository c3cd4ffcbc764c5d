import { decodeQR } from 'qr/decode.js';

/** Larger pictures are scaled down: codes stay readable, and decoding takes less than a second. */
const maxSide = 1600;

function pixelsOf(source: CanvasImageSource, size: { width: number; height: number }): ImageData {
  const scale = Math.min(1, maxSide / Math.max(size.width, size.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(size.width * scale));
  canvas.height = Math.max(1, Math.round(size.height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('this browser has no canvas');
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** The text of the QR code in a picture, or null without a code. `timeLimit` in milliseconds. */
export function readPixels(
  image: { width: number; height: number; data: Uint8ClampedArray },
  timeLimit: number,
): string | null {
  try {
    return decodeQR(image, { timeLimit });
  } catch {
    return null;
  }
}

/** The text of the QR code in an image file. Rejects if the file is no image. */
export async function readQrImage(file: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(file);
  try {
    return readPixels(pixelsOf(bitmap, bitmap), 3000);
  } finally {
    bitmap.close();
  }
}

/** The text of the QR code in the current frame of a video, or null. */
export function readVideoFrame(video: HTMLVideoElement): string | null {
  const size = { width: video.videoWidth, height: video.videoHeight };
  return size.width === 0 ? null : readPixels(pixelsOf(video, size), 60);
}
