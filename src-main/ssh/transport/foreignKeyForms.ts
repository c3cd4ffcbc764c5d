const toOpenSsh = 'ssh-keygen -p -f FILE converts it to OpenSSH format';
const withPuttygen = 'puttygen FILE -O private-openssh -o NEW converts it';
const pkcs12Content = Buffer.from('2a864886f70d0107', 'hex');

type KeyFile = { content: Buffer; text: string };

const startsWith = (content: Buffer, hex: string) =>
  content.subarray(0, hex.length / 2).toString('hex') === hex;
const isBinaryForm = ({ content }: KeyFile) =>
  content[0] === 0x30 && content.subarray(0, 256).some((byte) => byte > 126);

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
    matches: ({ text }) => /BEGIN (?:ENCRYPTED )?PRIVATE KEY/u.test(text),
    reason: `PKCS#8 is not supported; ${toOpenSsh}`,
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
    matches: ({ text }) => /BEGIN (?:TRUSTED |X509 )?CERTIFICATE/u.test(text),
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
      'it is a JSON Web Key (JWK), which is not supported; node -p \'crypto.createPrivateKey({key:JSON.parse(fs.readFileSync("FILE")),format:"jwk"}).export({type:"pkcs8",format:"pem"})\' > NEW and then ssh-keygen -p -f NEW convert it',
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
      'it is a Java key store; keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 and then openssl pkcs12 -in NEW.p12 -nocerts -nodes -out NEW convert it',
  },
  {
    matches: (file) => isBinaryForm(file) && file.content.subarray(0, 64).includes(pkcs12Content),
    reason:
      'it is a PKCS#12 file, which is not supported; openssl pkcs12 -in FILE -nocerts -nodes -out NEW and then ssh-keygen -p -f NEW convert it',
  },
  {
    matches: isBinaryForm,
    reason:
      'it is a key in binary form (DER), which is not supported; openssl pkey -inform DER -in FILE -out NEW and then ssh-keygen -p -f NEW convert it',
  },
  {
    matches: ({ content }) => /^\0\0\0.(?:ssh-|ecdsa-)/su.test(content.toString('latin1', 0, 12)),
    reason: 'it is a key of Dropbear; dropbearconvert dropbear openssh FILE NEW converts it',
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
