import { minuteMs } from '../../../../src-shared/base/time.ts';
/** How long a secret may stay on the clipboard. */
const clipboardMs = minuteMs;

export type SecretCopy = 'cleared' | 'kept' | 'refused';

/** What to say about a copied secret. The caller says what to do if the browser refused. */
export const copiedWords: Record<Exclude<SecretCopy, 'refused'>, string> = {
  cleared: 'Copied. The clipboard is cleared in 60 s if it still holds the key.',
  kept: 'Copied. This browser doesn’t let the page read the clipboard. Clear it yourself after pasting.',
};

/**
 * Whether the page may read the clipboard without a prompt. TypeScript does not know this permission name,
 * because only Chromium supports it.
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
    // The page has no focus or no permission, so it can’t check what the clipboard contains and leaves it as
    // it is.
  }
}

/** Copies a secret and clears the clipboard after a minute if the browser permits it. */
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
