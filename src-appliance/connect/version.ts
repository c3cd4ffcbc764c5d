/** The version that Connect reports **[ours]**. The documented services need at least 1.0.0 **[doc]**. */
export const connectVersion = '1.0.3';
