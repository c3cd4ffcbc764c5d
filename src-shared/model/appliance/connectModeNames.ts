/** The facts about these modes are in `connectModes.ts`; the command line needs only their names. */
export const connectModeNames = ['always', 'on-demand'] as const;
export type ConnectMode = (typeof connectModeNames)[number];
