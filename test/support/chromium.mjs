import { chromium } from 'playwright-core';

/** Where the browser lies; `COATCHECK_TEST_CHROMIUM` names another one. */
export const chromiumPath = process.env.COATCHECK_TEST_CHROMIUM ?? '/usr/bin/chromium';

/** A browser that asks nobody but the server it is shown. */
export function launchChromium(timeoutMs) {
  return chromium.launch({
    executablePath: chromiumPath,
    timeout: timeoutMs,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
