import { createQrFrames } from '../../../src-shared/model/licence/qrFrames.ts';
import { encodeModules, modulesPath } from '../../../src-shared/model/licence/qrModules.ts';

/** As on the console’s page. */
const framesPerSecond = 5;
/** The solver needs a few more frames than chunks if some are missed. */
const framesPerChunk = 2;
/** More frames make the page too large; such a licence travels as a file. */
const maxFrames = 40;

function codePicture(text: string): string {
  const modules = encodeModules(text);
  const size = modules.length;
  return `<svg viewBox="0 0 ${size} ${size}"><rect width="${size}" height="${size}" fill="#fff"/><path fill="#000" d="${modulesPath(modules)}"/></svg>`;
}

/** Shows one frame after the other, without a script: the page permits none. */
function frameGroup(code: string, index: number, count: number): string {
  const timing = `dur="${count / framesPerSecond}s" begin="${index / framesPerSecond}s" repeatCount="indefinite"`;
  return `<g visibility="hidden"><animate attributeName="visibility" calcMode="discrete" values="visible;hidden" keyTimes="0;${1 / count}" ${timing}/>${codePicture(code)}</g>`;
}

/** A document as one QR code, or as an animated sequence of them. Null if it is too long. */
export function qrPicture(text: string, label: string): string | null {
  const { isStatic, chunks, frameAt } = createQrFrames(text);
  const count = chunks * framesPerChunk;
  if (!isStatic && count > maxFrames) return null;
  const content = isStatic
    ? codePicture(text)
    : Array.from({ length: count }, (_, index) => frameGroup(frameAt(index), index, count)).join('\n');
  return `<svg class="code" viewBox="0 0 100 100" shape-rendering="crispEdges" role="img" aria-label="${label}">${content}</svg>`;
}
