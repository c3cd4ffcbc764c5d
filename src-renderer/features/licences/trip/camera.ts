import { cameraParameter } from '../../../../src-shared/cameraAddress.ts';

/** The console permits the camera only in a document that was opened for it, see `cameraParameter`. */
export function canUseCamera(): boolean {
  return new URLSearchParams(location.search).has(cameraParameter);
}

/** Whether the camera is switched on at once, because the page was opened for it. */
export function wantsCamera(): boolean {
  return canUseCamera();
}

/** Opens this page again in a document that may use the camera. The renewal is kept by the console. */
export function openWithCamera(): void {
  location.replace(`${location.pathname}?${cameraParameter}${location.hash}`);
}

/** Leaves the document that may use the camera; does nothing in any other. */
export function leaveCamera(): void {
  if (canUseCamera()) location.replace(`${location.pathname}${location.hash}`);
}
