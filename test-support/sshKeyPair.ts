// ssh2's own generator writes one ed25519 key in 200 in a form that ssh2 itself can't read.
export { generateKeyPair as createSshKeyPair } from '../src-appliance/core/tenants/keyPair.ts';
