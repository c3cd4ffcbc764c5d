/** What Connect says of itself; the documented services need 1.0.0 at least **[doc]**. The number is ours **[ours]**. */
export const connectVersion = '1.0.3';
