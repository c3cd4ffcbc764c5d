/**
 * The version that Connect reports; the documented services need at least 1.0.0 **[doc]**. The number is ours
 * **[ours]**.
 */
export const connectVersion = '1.0.3';
