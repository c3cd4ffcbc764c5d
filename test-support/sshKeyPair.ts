// Not ssh2's own generator, because one in 200 of its ed25519 keys is in a form that ssh2 itself can't read.
export { generateKeyPair as createSshKeyPair } from '../src-appliance/core/tenants/keyPair.ts';
