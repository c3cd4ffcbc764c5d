/** The kinds of credentials. A file of its own, because the command line's help needs no schemas. */
export const credentialKindNames = ['password', 'passphrase', 'both'] as const;
