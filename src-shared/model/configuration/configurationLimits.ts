/** Larger files are refused unread **[ours]**. */
export const maxConfigurationBytes = 128 * 1024;
