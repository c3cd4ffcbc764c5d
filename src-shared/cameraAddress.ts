/**
 * The page's address has this search parameter if the document may use the camera **[ours]**. A permission belongs to a
 * whole document, so the page of a renewal opens a new one when the camera is switched on.
 */
export const cameraParameter = 'camera';

/** Whether an address of the page asks for a document that may use the camera. */
export function isCameraAddress(address: string): boolean {
  return URL.parse(address, 'http://localhost')?.searchParams.has(cameraParameter) === true;
}
