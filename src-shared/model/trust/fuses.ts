/** The fuses of the packed desktop: switches in Electron's program that can't be changed at run time. */
export const desktopFuses = {
  runAsNode: { isOn: false, text: 'The program runs as plain Node.js' },
  enableCookieEncryption: { isOn: true, text: 'Cookies are encrypted on disk' },
  enableNodeOptionsEnvironmentVariable: { isOn: false, text: 'NODE_OPTIONS is obeyed' },
  enableNodeCliInspectArguments: { isOn: false, text: 'A debugger can attach by --inspect' },
  enableEmbeddedAsarIntegrityValidation: {
    isOn: true,
    text: 'The archive’s hash is checked (Windows, macOS)',
  },
  onlyLoadAppFromAsar: { isOn: true, text: 'Code is loaded from the archive only' },
  loadBrowserProcessSpecificV8Snapshot: { isOn: false, text: 'A snapshot of its own is loaded' },
  grantFileProtocolExtraPrivileges: { isOn: false, text: 'file: addresses have extra rights' },
} as const satisfies Record<string, { isOn: boolean; text: string }>;
