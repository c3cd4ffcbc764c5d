/** The colours that mark an appliance on the page. The facts about them are in `tags.ts`; the command line needs only names. */
export const colourNames = ['none', 'red', 'amber', 'green', 'blue', 'violet', 'grey'] as const;
