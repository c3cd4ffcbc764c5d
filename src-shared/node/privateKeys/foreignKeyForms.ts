import { readDerLength } from './openSslKey.ts';

const withPuttygen = 'puttygen FILE -O private-openssh -o NEW converts it';
const pkcs12Content = Buffer.from('2a864886f70d0107', 'hex');

type KeyFile = { content: Buffer; text: string };

const startsWith = (content: Buffer, hex: string) =>
  content.subarray(0, hex.length / 2).toString('hex') === hex;
const isBinaryForm = ({ content }: KeyFile) => readDerLength(content) === content.length;

function readJsonKeyType(text: string): string | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return null;
    return 'kty' in parsed || 'keys' in parsed ? 'kty' : null;
  } catch {
    return null;
  }
}

/**
 * Forms of files that are no key this program can read, each with its name and the command that converts it.
 * The first that matches counts.
 */
const foreignForms: readonly { matches: (file: KeyFile) => boolean; reason: string }[] = [
  { matches: ({ text }) => text.trim() === '', reason: 'it is empty' },
  {
    matches: ({ text }) => text.startsWith('PuTTY-'),
    reason: `it is a PuTTY key of a format that is not supported; ${withPuttygen}`,
  },
  {
    matches: ({ content }) => content.every((byte) => byte === 0),
    reason: 'it holds NUL bytes only, as after a power loss; restore it from a copy',
  },
  {
    matches: ({ text }) => /BEGIN TSS2 PRIVATE KEY/u.test(text),
    reason: 'it is a key of a TPM; load it into an agent that can use the TPM, and choose the public key',
  },
  {
    matches: ({ text }) => /BEGIN SSH2 ENCRYPTED PRIVATE KEY/u.test(text),
    reason: `it is a private key in the form of ssh.com (SSH2), which is not supported; ${withPuttygen}`,
  },
  {
    matches: ({ text }) => /BEGIN SSH2 PUBLIC KEY/u.test(text),
    reason:
      'it is a public key in SSH2 form; choose the private key, or, if an agent holds that, convert with ssh-keygen -i -f FILE > NEW.pub',
  },
  {
    matches: ({ text }) => /BEGIN (?:RSA )?PUBLIC KEY/u.test(text),
    reason:
      'it is a public key in PEM form; choose the private key, or, if an agent holds that, convert with ssh-keygen -i -m PKCS8 -f FILE > NEW.pub (-m PEM for RSA PUBLIC KEY)',
  },
  {
    matches: ({ text }) => /^\S+-cert-v0[01]@openssh\.com AAAA/u.test(text),
    reason:
      'it is an OpenSSH certificate, and certificates are not supported; choose the private key without -cert.pub',
  },
  {
    matches: ({ text }) => /BEGIN (?:NEW )?CERTIFICATE REQUEST/u.test(text),
    reason: 'it is a certificate request and holds no private key; choose the private key',
  },
  {
    matches: ({ text }) => /BEGIN (?:TRUSTED |X509 )?CERTIFICATE|BEGIN PKCS7/u.test(text),
    reason: 'it is an X.509 certificate and holds no private key; choose the private key',
  },
  {
    matches: ({ text }) => /BEGIN PGP /u.test(text),
    reason:
      'it is an OpenPGP file; gpg --export-ssh-key shows only the public half, so use gpg-agent as the agent',
  },
  {
    matches: ({ text }) => readJsonKeyType(text) !== null,
    reason:
      'it is a JSON Web Key (JWK), which is not supported; node -p \'crypto.createPrivateKey({key:JSON.parse(fs.readFileSync("FILE")),format:"jwk"}).export({type:"pkcs8",format:"pem"})\' > NEW converts it',
  },
  {
    matches: ({ content }) => content.toString('latin1', 0, 32).startsWith('SSH PRIVATE KEY FILE FORMAT'),
    reason:
      'it is a key for version 1 of SSH, which no server accepts any more; make a new key: ssh-keygen -t ed25519 -f NEW',
  },
  {
    matches: ({ text }) => text.startsWith('$ANSIBLE_VAULT;'),
    reason: 'it is encrypted by Ansible Vault; ansible-vault decrypt --output NEW FILE decrypts it',
  },
  {
    matches: ({ text }) => text.startsWith('age-encryption.org/') || /BEGIN AGE ENCRYPTED/u.test(text),
    reason: 'it is encrypted by age; age -d -o NEW FILE decrypts it',
  },
  {
    matches: ({ content }) => content.toString('latin1', 0, 8) === 'Salted__',
    reason: 'it is encrypted by openssl enc; openssl enc -d -in FILE -out NEW decrypts it',
  },
  {
    matches: ({ text }) => /^\s*LS0tLS1CRUdJTi/u.test(text),
    reason: 'it is a key encoded as base64 once more; base64 -d FILE > NEW decodes it',
  },
  {
    matches: ({ content }) => startsWith(content, '1f8b'),
    reason: 'it is compressed; gunzip -c FILE > NEW unpacks it',
  },
  {
    matches: ({ content }) => startsWith(content, '504b0304'),
    reason: 'it is a ZIP archive; unzip it first',
  },
  {
    matches: ({ content }) => startsWith(content, 'feedfeed'),
    reason:
      'it is a Java key store; keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 and then openssl pkcs12 -in NEW.p12 -nocerts -out NEW convert it',
  },
  {
    matches: (file) => isBinaryForm(file) && file.content.subarray(0, 64).includes(pkcs12Content),
    reason:
      'it is a PKCS#12 file, which is not supported; openssl pkcs12 -in FILE -nocerts -out NEW converts it (with -legacy for an old file)',
  },
  {
    matches: isBinaryForm,
    reason:
      'it is a key in binary form (DER), which is not supported; openssl pkey -inform DER -in FILE -aes256 -out NEW converts it',
  },
  {
    matches: ({ content }) => /^\0\0\0.(?:ssh-|ecdsa-)/su.test(content.toString('latin1', 0, 12)),
    reason: 'it is a key of Dropbear; dropbearconvert dropbear openssh FILE NEW converts it',
  },
  {
    matches: ({ text }) => text.startsWith('version https://git-lfs.github.com/'),
    reason: 'it is a pointer of Git LFS, not the file itself; git lfs pull gets it',
  },
  {
    matches: ({ content }) => content.toString('latin1', 0, 9) === '\0GITCRYPT',
    reason: 'it is encrypted by git-crypt; git-crypt unlock decrypts it',
  },
  {
    matches: ({ text }) => /\bENC\[AES256_GCM,/u.test(text),
    reason: 'it is encrypted by SOPS; sops -d FILE > NEW decrypts it',
  },
  {
    matches: ({ content }) =>
      ['fd377a58', '377abcaf', '425a68', '28b52ffd'].some((hex) => startsWith(content, hex)),
    reason: 'it is compressed; unpack it first',
  },
  {
    matches: ({ content }) => startsWith(content, '00051607'),
    reason: 'it holds attributes of a file of macOS; choose the file whose name has no ._ in front',
  },
  {
    matches: ({ text }) => /^(?:\d+ )?(?:SHA256:[\w+/]{43}|MD5:[0-9a-f]{2}:)/u.test(text),
    reason: 'it is the fingerprint of a key; choose the private key itself',
  },
  {
    matches: ({ text }) =>
      /^(?:Host|Match|Include)\s/imu.test(text) && /^\s*(?:HostName|IdentityFile|User)\s/imu.test(text),
    reason: 'it is a configuration of ssh; choose the file that its IdentityFile names',
  },
  {
    matches: ({ text }) => /^(?:@\S+ |\|1\|\S+ |[\w.:,[\]-]+ )(?:ssh-|ecdsa-)\S+ AAAA/mu.test(text),
    reason: 'it is a list of host keys (known_hosts); choose the private key',
  },
  {
    matches: ({ text }) => /(?:^|\s)(?:ssh|ecdsa|sk)-\S+ AAAA/mu.test(text),
    reason: 'it is a list of public keys (authorized_keys); choose the private key',
  },
  {
    matches: ({ text }) => /^AGE-SECRET-KEY-|^untrusted comment: |^[A-Za-z0-9+/]{43}=\s*$/u.test(text),
    reason: 'it is a key of another program, not of SSH; make one: ssh-keygen -t ed25519 -f NEW',
  },
  {
    matches: ({ text }) => /b3BlbnNzaC1rZXktdjE|BEGIN\s[A-Z0-9\s]{0,40}PRIVATE\s+KEY/iu.test(text),
    reason:
      'its first or last line is missing or changed (-----BEGIN … PRIVATE KEY-----, -----END … PRIVATE KEY-----); copy the file again',
  },
  {
    matches: ({ text }) => /^\s*<(?:!doctype|html|\?xml)/iu.test(text),
    reason: 'it is a web page or XML, not a key',
  },
];

/** Names the form of a file that holds no key in a supported format, and the command that converts it. */
export function describeForeignForm(file: KeyFile): string {
  return (
    foreignForms.find(({ matches }) => matches(file))?.reason ??
    'it does not contain a private key in a supported format'
  );
}
