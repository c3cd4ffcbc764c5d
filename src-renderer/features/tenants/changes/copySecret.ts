import { minuteMs } from '../../../../src-shared/base/time.ts';
/** How long a secret may lie on the clipboard. */
const clipboardMs = minuteMs;

export type SecretCopy = 'cleared' | 'kept' | 'refused';

/**
 * Whether the page may see what the clipboard holds without asking. Only Chromium knows the question, so it is in no
 * list of types: the name comes in as the one that the browser itself would give.
 */
async function mayRead(): Promise<boolean> {
  try {
    const name: unknown = 'clipboard-read';
    if (!isPermissionName(name)) return false;
    const { state } = await navigator.permissions.query({ name });
    return state === 'granted';
  } catch {
    return false;
  }
}

function isPermissionName(name: unknown): name is PermissionName {
  return typeof name === 'string';
}

/** Clears the clipboard unless something else has been copied since. */
async function clearIfHeld(secret: string): Promise<void> {
  try {
    if ((await navigator.clipboard.readText()) === secret) await navigator.clipboard.writeText('');
  } catch {
    // The page lost the focus or the permission: then the clipboard is not its to touch.
  }
}

/** Copies a secret, and takes it away again after a minute where the browser lets. */
export async function copySecret(secret: string): Promise<SecretCopy> {
  try {
    await navigator.clipboard.writeText(secret);
  } catch {
    return 'refused';
  }
  if (!(await mayRead())) return 'kept';
  setTimeout(() => void clearIfHeld(secret), clipboardMs);
  return 'cleared';
}
