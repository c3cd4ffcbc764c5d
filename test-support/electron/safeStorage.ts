import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SafeStoragePart } from '../../src-main/hosts/desktop/electronParts.ts';

/** Stands in for Electron's `safeStorage`: encrypts with a key of its own, as a key store does for one user. */
export function createSafeStorage(facts: { backend?: string; isAvailable?: boolean } = {}): SafeStoragePart {
  const key = randomBytes(32);
  return {
    isEncryptionAvailable: () => facts.isAvailable ?? true,
    getSelectedStorageBackend: () => facts.backend ?? 'gnome_libsecret',
    encryptString: (text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    decryptString: (encrypted) => {
      const decipher = createDecipheriv('aes-256-gcm', key, encrypted.subarray(0, 12)).setAuthTag(
        encrypted.subarray(-16),
      );
      return Buffer.concat([decipher.update(encrypted.subarray(12, -16)), decipher.final()]).toString();
    },
  };
}
