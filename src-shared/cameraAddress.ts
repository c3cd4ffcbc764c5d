/**
 * The page's address has this search parameter if the document may use the camera **[ours]**. A permission belongs to a
 * whole document, so the page of a renewal opens a new one when the camera is switched on.
 */
export const cameraParameter = 'camera';
